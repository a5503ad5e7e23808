using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Xunit;
using static RunCloud.Api.Tests.SshBlobs;

namespace RunCloud.Api.Tests;

/// <summary>The machine's own <c>ssh-keygen</c>, and throwaway keys of every kind, made in a folder that is gone afterwards.</summary>
public sealed class SshKeygen : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("runcloud-keys-");
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);
    private bool _isThere;

    /// <summary>The kinds of keys; each has a certificate too, under its name with <c>-cert</c> behind.</summary>
    public static TheoryData<string> Kinds =>
    [
        "rsa-1024", "rsa-2048", "rsa-3072", "rsa-4096", "dsa-1024", "ecdsa-256", "ecdsa-384", "ecdsa-521", "ed25519-256",
        "sk-ed25519", "sk-ecdsa",
    ];

    public async ValueTask InitializeAsync()
    {
        try
        {
            await Run("-?");
            _isThere = true;
        }
        catch (Win32Exception)
        {
            return;
        }

        foreach (var kind in Kinds.Select(row => row.Data).Where(kind => !kind.StartsWith("sk-", StringComparison.Ordinal)))
        {
            var parts = kind.Split('-');
            var (exitCode, output) = await Run("-q", "-t", parts[0], "-b", parts[1], "-N", string.Empty, "-f", kind);

            // OpenSSH 10 no longer makes DSA keys, and a machine's policy may forbid small RSA keys; the vectors have both.
            Assert.True(exitCode == 0 || kind is "dsa-1024" or "rsa-1024", output);
        }

        // Keys on a security key need one to be made, so theirs are put together, and one of their authorities signs in software.
        using var authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = authority.ExportParameters(includePrivateParameters: false).Q;
        var ecdsa = Join(Text("sk-ecdsa-sha2-nistp256@openssh.com"), Text("nistp256"), Text([4], point.X!, point.Y!), Text("ssh:work"));
        await File.WriteAllTextAsync(PathOf("sk-ecdsa.pub"), Line(ecdsa));
        await File.WriteAllTextAsync(PathOf("sk-ed25519.pub"), Line(SecurityKey("ssh:")));
        foreach (var kind in Kinds.Select(row => row.Data).Where(kind => File.Exists(PathOf(kind + ".pub"))))
        {
            await Certify(kind);
            _keys[kind] = await Bare(kind);
            _keys[kind + "-cert"] = await Bare(kind + "-cert");
        }

        _keys["ed25519-cert-by-sk-ecdsa"] = string.Join(' ', Line(SignedBy(authority, ecdsa)).Split(' ').Take(2));
    }

    /// <summary>The line of a key without comment; skips the test where there is no <c>ssh-keygen</c>, or one without this kind.</summary>
    public string Key(string name)
    {
        Require();
        if (!_keys.TryGetValue(name, out var line))
        {
            Assert.Skip($"This ssh-keygen makes no {name} keys.");
        }

        return line;
    }

    /// <summary>All the lines; skips the test where there is no <c>ssh-keygen</c>.</summary>
    public IReadOnlyCollection<string> All()
    {
        Require();
        return _keys.Values;
    }

    /// <summary>What <c>ssh-keygen -l</c> prints of a file with this text: a line for each key that it can read.</summary>
    public async Task<IReadOnlyList<string>> List(string content, string hash = "sha256")
    {
        Require();
        var file = PathOf(Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, content);
        var (_, output) = await Run("-l", "-E", hash, "-f", file);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r')).ToList();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A certificate whose signature is true: made as a security key would (OpenSSH's PROTOCOL.u2f).</summary>
    private static byte[] SignedBy(ECDsa authority, byte[] authorityBlob)
    {
        var whole = Certificate(authority: authorityBlob, signature: [], criticalOptions: []);
        var signed = whole[..^sizeof(uint)];
        byte[] flagsAndCounter = [1, 0, 0, 0, 9];
        var message = Join(SHA256.HashData(Encoding.ASCII.GetBytes("ssh:work")), flagsAndCounter, SHA256.HashData(signed));
        var signature = authority.SignData(message, HashAlgorithmName.SHA256);
        return Join(
            signed,
            Text(
                Text("sk-ecdsa-sha2-nistp256@openssh.com"),
                Text(Text(Unsigned(signature[..32])), Text(Unsigned(signature[32..]))),
                flagsAndCounter));
    }

    private static byte[] Unsigned(byte[] number)
    {
        byte[] trimmed = [.. number.SkipWhile(value => value == 0)];
        return trimmed[0] < 0x80 ? trimmed : [0, .. trimmed];
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private void Require()
    {
        if (!_isThere)
        {
            Assert.Skip("ssh-keygen is not on this machine.");
        }
    }

    private async Task<string> Bare(string name) =>
        string.Join(' ', (await File.ReadAllTextAsync(PathOf(name + ".pub"))).TrimEnd().Split(' ').Take(2));

    /// <summary>Signs a key with one of another kind, so that there are certificates from several kinds of authorities.</summary>
    private async Task Certify(string kind)
    {
        var authority = kind switch { "ed25519-256" => "rsa-2048", "rsa-2048" => "ecdsa-384", _ => "ed25519-256" };
        var (exitCode, output) = await Run(
            "-q", "-s", authority, "-I", "id of " + kind, "-n", "root,web", "-O", "source-address=10.0.0.0/8", kind + ".pub");
        Assert.True(exitCode == 0, output);
    }

    private async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("ssh-keygen", arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };

        // In a locale without UTF-8 it writes letters as \303\251.
        start.Environment["LC_ALL"] = OperatingSystem.IsMacOS() ? "en_US.UTF-8" : "C.UTF-8";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Length > 0 ? output : await error);
    }
}
