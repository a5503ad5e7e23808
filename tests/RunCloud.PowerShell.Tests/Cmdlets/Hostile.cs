using System.Diagnostics;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Texts, paths and addresses of the kinds that broke a command once, or might.</summary>
internal static class Hostile
{
    /// <summary>The password that stands in every address here that has one.</summary>
    internal const string Password = "Hunter2-pr0xy";

    private static readonly string[] Characters =
    [
        "\0", "\u0001", "\u0007", "\b", "\t", "\n", "\r\n", "\u001b]0;x\u0007", "\u007f", "\u0085", "\u00ad", "\u200b", "\u202e", "\u2028", "\u2066", "\ufeff", "\ufffe", "\uffff",
        "\ud800", "\udc00", "\U000e0041", "\U0001f600", "İ", "ß",
    ];

    private static readonly string[] Words =
    [
        " ", ".", "..", "-", "--", "[", "]", "web[", "[z-a]", "`[", "`", "\\", "/", "//", "~", "~nobody/x", "%00", "%", "{0}", "{", "$(exit)", "'; exit #", "<script>alert(1)</script>", "=cmd|' /C calc'!A0",
        "-1", "0", "1,2", "1.4", "1e9", "0x11", "１７", "9223372036854775807", "9223372036854775808", "99999999999999999999", "NaN", "True", "2026-11-25T14:00:00Z", "null",
        "ssh-rsa", "ssh-rsa AAAA", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA////", "SHA256:", "SHA256:x", "SHA256:" + "________________" + "________________" + "___________", "MD5:", "MD5:zz:zz", "command=\"", "from=\"\\\"",
        "-----BEGIN OPENSSH PRIVATE KEY-----", "---- BEGIN SSH2 PUBLIC KEY ----", "PuTTY-User-Key-File-3: x", "@revoked * ssh-rsa AAAA",
    ];

    private static readonly string[] Paths =
    [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/stdin", "/dev/tty", "/dev/fd/0", "/proc/self/mem", "/proc/self/environ", "/proc/self/fd/0", "/proc/kmsg", "/", "/x/y/z", "fifo", "./fifo",
        "dave.pub", "notes.txt", "link", "dangling", "empty.pub", "Env:PATH", "Env:", "Function:prompt", "Variable:x", "HKLM:\\x", "Nope:/x", "Nope::x", "Microsoft.PowerShell.Core\\FileSystem::/dev/zero",
        "Microsoft.PowerShell.Core\\Environment::RUNCLOUD_API_TOKEN", "C:\\x\\NUL", "\\\\.\\pipe\\x", "\\\\?\\C:\\x", "\\\\server\\share\\x", "file:///etc/passwd", "nul", "con", "a:b", ".json", "report.json/x",
    ];

    private static readonly string[] Addresses =
    [
        $"http://user:{Password}@127.0.0.1:1", $"http://user:{Password}@127.0.0.1:99999", $"http://user:{Password}@[::1", $"http://user:{Password}@", $"http://user:{Password}@/", $"http://:{Password}@127.0.0.1:1/",
        $"https://a%00b:{Password}@127.0.0.1:1", $"http://us@er:{Password}@127.0.0.1:1", $"socks5://user:{Password}@127.0.0.1:1", $"user:{Password}@127.0.0.1:1", $"//user:{Password}@127.0.0.1", $"http://user%:{Password}@127.0.0.1:1",
        $"http://user:{Password}@exa mple", $"ftp://user:{Password}@127.0.0.1/x", $"https://user:{Password}@127.0.0.1:1/api?x#y", "http://", "https:", "http://127.0.0.1:0", "http://\u202e", "HTTP://[::]:1", "mailto:x", "http://127.0.0.1:1/..//%2e",
    ];

    /// <summary>Possible names of a server, a user, a key or a label. Half a surrogate pair is not among them, because the simulator cannot send one.</summary>
    internal static IEnumerable<string> Names => Characters.Where(one => !char.IsSurrogate(one[0]) || one.Length > 1).Concat(Words.Where(word => word.Trim().Length > 0)).Append(new string('a', 10_000)).Append("</Obj></Objs>").Append("_x0000_").Append("]]>");

    /// <summary>The texts; the paths among them lead to nothing outside a folder but devices.</summary>
    internal static string[] Texts(string folder) =>
    [
        string.Empty,
        .. Characters, .. Characters.Select(one => $"web{one}-01"), .. Characters.Select(one => $"{one}.pub"), .. Characters.Select(one => $"./{one}"),
        .. Words, .. Paths.Select(path => OwnDevices.InPlace(path, folder)), .. Addresses, .. ((string[])["fifo", "dave.pub", "link"]).Select(name => Path.Combine(folder, name)),
        new string('a', 10_000), new string('[', 10_000), new string('/', 10_000), new string('*', 200) + "x", string.Concat(Enumerable.Repeat("../", 3_000)), "ssh-ed25519 " + new string('A', 10_000), "/" + new string('x', 300), new string('1', 10_000),
        string.Concat(Enumerable.Repeat("\u0301", 10_000)),
    ];

    /// <summary>Files that nothing may change: a key, a note, an empty one, a link to the note, a link to nothing, and a FIFO.</summary>
    internal static async Task MakeFilesAsync(string folder, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "dave.pub"), World.Key(5) + "\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "what is nobody's business\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.pub"), string.Empty, cancellation);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await OwnDevices.MakeAsync(folder, cancellation);
        _ = File.CreateSymbolicLink(Path.Combine(folder, "link"), Path.Combine(folder, "notes.txt"));
        using var make = Process.Start("mkfifo", [Path.Combine(folder, "fifo")]);
        await make.WaitForExitAsync(cancellation);
        Assert.Equal(0, make.ExitCode);
    }
}
