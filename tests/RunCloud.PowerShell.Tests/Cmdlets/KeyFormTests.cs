using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using RunCloud.Api;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Key files as people have them, and the different errors without one.</summary>
public sealed class KeyFormTests : IDisposable
{
    private const string Read = "Get-RunCloudServer | Get-RunCloudSshCredential -Key ";
    private const string Revoke = "Revoke-RunCloudSshKey -Confirm:$false -Key ";

    private static readonly string Rsa = TestKeys.Line(SshKeyKind.Rsa2048, 1, "dave@laptop");

    /// <summary>Files that hold the key, in every spelling.</summary>
    private static readonly Dictionary<string, byte[]> Readable = new(StringComparer.Ordinal)
    {
        ["[prod] dave.pub"] = Utf8(Rsa + "\n"),
        ["crlf.pub"] = Utf8(Rsa + "\r\n"),
        ["cr.pub"] = Utf8(Rsa + "\r"),
        ["ctrlz.pub"] = Utf8(Rsa + "\r\n\u001A"),
        ["nul.pub"] = Utf8(Rsa + "\n\0"),
        ["nulmany.pub"] = Utf8(Rsa + "\0\0\0"),
        ["latin1.pub"] = Encoding.Latin1.GetBytes(Rsa.Replace("dave", "däve", StringComparison.Ordinal) + "\n"),
        ["utf8bom.pub"] = [0xEF, 0xBB, 0xBF, .. Utf8(Rsa + "\n")],
        ["utf16le_bom.pub"] = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Rsa + "\r\n")],
        ["utf16be_bom.pub"] = [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Rsa + "\n")],
        ["utf16le_nobom.pub"] = Encoding.Unicode.GetBytes(Rsa + "\r\n"),
        ["utf16be_nobom.pub"] = Encoding.BigEndianUnicode.GetBytes(Rsa + "\r\n"),
        ["largest.pub"] = Utf8(Rsa.PadRight(64 * 1024, 'x')),
        ["quoted_mail.pub"] = Utf8("> " + Rsa + "\n"),
        ["mailwrap.pub"] = Utf8(Rsa.Insert(76, "\r\n").Insert(154, "\r\n") + "\r\n"),
        ["wrapped.pub"] = Utf8(Rsa.Insert(60, "\n")),
        ["blob-on-its-own-line.pub"] = Utf8("\r\nssh-rsa \r\n" + Rsa.Split(' ')[1] + "\r\n\r\n"),
        ["typographic-quotes.pub"] = Utf8("\u201C" + Rsa + "\u201D\n"),
        ["with-comment-lines.pub"] = Utf8("# Dave\n\n" + Rsa + "\n"),
        ["with-options.pub"] = Utf8("from=\"1.2.3.4\" " + Rsa + "\n"),
        ["two_same.pub"] = Utf8(Rsa + "\n" + Rsa + " other\n"),
        ["rsa.RFC4716.pub"] = Utf8("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"2048-bit RSA, converted by root\"\n" + Rsa.Split(' ')[1].Insert(70, "\n") + "\n---- END SSH2 PUBLIC KEY ----\n"),
        ["listing.txt"] = Utf8(SshPublicKey.Parse(Rsa) + "\n"),
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("runcloud-forms-").FullName;

    public static TheoryData<string> ReadableNames => [.. Readable.Keys];

    /// <summary>Files that are not key files, and the message for each.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "empty.pub", "empty.pub' is empty." },
        { "blank.pub", "contains no public key" },
        { "pem.pub", "ssh-keygen -i -m PEM -f" },
        { "pkcs8.pub", "ssh-keygen -i -m PKCS8 -f" },
        { "invisible.pub", "U+200B" },
        { "secret.txt", "private key" },
        { "nowhere.pub", "There is no file '{0}nowhere.pub'." },
        { "nowhere/at/all.pub", "There is no file '{0}nowhere/at/all.pub'." },
        { "folder.d", "'{0}folder.d' is a folder" },
        { "*.pub", "'{0}*.pub' contains wildcards" },
        { "da?e.pub", "contains wildcards" },
        { "large.pub", "too large" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(ReadableNames))]
    public async Task A_key_file_is_read_in_whatever_form_it_is(string name)
    {
        await using var world = await StartAsync();
        foreach (var form in new[] { $"'./{name}'", $"'{WildcardPattern.Escape(Path.Combine(_folder, name))}'", $"([IO.FileInfo]'{Path.Combine(_folder, name)}')" })
        {
            Assert.Equal([17], (await world.MustAsync(Read + form)).OutputOf<SshCredential>().Select(credential => credential.Id));
        }
    }

    [Fact]
    public async Task The_comment_of_a_file_that_is_not_UTF_8_is_sent_as_it_reads()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey './latin1.pub'");
        Assert.Contains("däve", Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label == "new").PublicKey, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_file_that_is_not_a_key_is_refused_with_full_path_and_parameter(string name, string said)
    {
        await using var world = await StartAsync();
        foreach (var (script, parameter) in new[]
        {
            (Read + $"'{name}'", "Key"),
            (Revoke + $"'{name}'", "Key"),
            ($"Update-RunCloudSshKey -Confirm:$false -Key '{World.Key(5)}' -NewPublicKey '{name}'", "NewPublicKey"),
            ($"Add-RunCloudSshCredential -ServerId 101 -User root -Label new -PublicKey '{name}'", "PublicKey"),
        })
        {
            var error = (await world.ThrowsAsync(script)).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
            Assert.Equal(parameter, error.TargetObject);
            Assert.Contains(said.Replace("{0}", _folder + Path.DirectorySeparatorChar, StringComparison.Ordinal), error.ToString(), StringComparison.Ordinal);
            Assert.Contains("-" + parameter, error.ToString(), StringComparison.Ordinal);
            Assert.Empty(world.Requests.All);
        }
    }

    [Fact]
    public async Task A_path_with_a_NUL_is_refused()
    {
        await using var world = await StartAsync();
        Assert.Contains("U+0000", (await world.ThrowsAsync(Read + "\"crlf.pub`0\"")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument).ToString(), StringComparison.Ordinal);
        Assert.Contains("U+0000", (await world.ThrowsAsync(Read + "\"crlf`0.pub\"")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_regular_is_never_opened()
    {
        Assert.SkipUnless(World.HasUnixFiles, "There are no such files.");
        await using var world = await StartAsync();
        using (var process = Process.Start("mkfifo", Path.Combine(_folder, "pipe.pub")))
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        _ = File.CreateSymbolicLink(Path.Combine(_folder, "link.pub"), "/dev/zero");
        foreach (var path in new[] { "pipe.pub", "/dev/zero", "/dev/null", "link.pub" })
        {
            var error = (await world.ThrowsAsync(Read + $"'{path}'")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
            Assert.Contains("not a regular file", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_link_to_a_key_file_is_read()
    {
        await using var world = await StartAsync();
        _ = File.CreateSymbolicLink(Path.Combine(_folder, "link.pub"), Path.Combine(_folder, "crlf.pub"));
        Assert.Equal(17, Assert.Single((await world.MustAsync(Read + "'link.pub'")).OutputOf<SshCredential>()).Id);
    }

    [Fact]
    public async Task A_file_of_several_keys_is_taken_for_reading_and_told_apart_where_keys_go()
    {
        await using var world = await StartAsync();
        Assert.Equal([17, 18, 19], (await world.MustAsync(Read + "'two.pub'")).OutputOf<SshCredential>().Select(credential => credential.Id));
        world.Requests.Clear();
        foreach (var script in new[] { Revoke + "'two.pub'", "Update-RunCloudSshKey -Confirm:$false -Key two.pub -NewPublicKey crlf.pub" })
        {
            var error = (await world.ThrowsAsync(script)).MustBe("SeveralKeys", ErrorCategory.InvalidArgument);
            Assert.Equal("Key", error.TargetObject);
            foreach (var part in new[] { Path.Combine(_folder, "two.pub"), "line 1: dave@laptop " + SshPublicKey.Parse(Rsa).Fingerprint, "line 2: no comment " + SshPublicKey.Parse(World.Key(2)).Fingerprint, "2 different" })
            {
                Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
            }
        }

        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task Credentials_and_removals_are_keys_too()
    {
        await using var world = await StartAsync();
        var script = """
            $one = Get-RunCloudSshCredential -ServerId 101 -Id 17
            Get-RunCloudServer | Get-RunCloudSshCredential -Key $one
            $gone = Get-RunCloudSshCredential -ServerId 101 -Id 18 | Remove-RunCloudSshCredential -PassThru -Confirm:$false
            Get-RunCloudServer | Get-RunCloudSshCredential -Key $one, $gone
            """;
        Assert.Equal([17, 17, 19], (await world.MustAsync(script)).OutputOf<SshCredential>().Select(credential => credential.Id));
        _ = world.Fleet.AddCredential(102, "root", "odd", "ssh-rsa AAAA...", id: 20);
        var error = (await world.ThrowsAsync("$odd = Get-RunCloudSshCredential -ServerId 102 -Id 20; Get-RunCloudServer | Get-RunCloudSshCredential -Key $odd"))
            .MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        Assert.Contains("'odd' of root", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_to_add_is_taken_from_a_file_that_is_typed_and_never_from_one_that_data_name()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("Add-RunCloudSshCredential -ServerId 101 -User root -Label typed -PublicKey ./quoted_mail.pub");
        Assert.Equal(Rsa, Assert.Single(world.Fleet.Snapshot().Credentials, credential => credential.Label == "typed").PublicKey);
        var result = await world.RunAsync("[pscustomobject]@{ ServerId = 101; User = 'root'; Label = 'data'; PublicKey = './crlf.pub' } | Add-RunCloudSshCredential");
        Assert.Equal("data", Assert.Single(result.Errors).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument).TargetObject);
        Assert.DoesNotContain(world.Fleet.Snapshot().Credentials, credential => credential.Label == "data");
    }

    [Theory]
    [InlineData("certificate", "certificate")]
    [InlineData("certificate of the old key", "certificate")]
    [InlineData("authority", "cert-authority")]
    [InlineData("old", "one of the keys to be replaced")]
    [InlineData("fingerprint", "whole public key")]
    public async Task A_new_key_that_would_lock_the_user_out_is_refused_before_anything_is_sent(string kind, string said)
    {
        await using var world = await StartAsync();
        world.Shell.SetVariable("new", kind switch
        {
            "certificate" => TestKeys.Line(SshKeyKind.Ed25519Certificate, 9, "new"),
            "certificate of the old key" => TestKeys.Line(SshKeyKind.RsaCertificate, 1, "old"),
            "authority" => "Cert-Authority " + World.Key(9),
            "old" => Rsa,
            _ => SshPublicKey.Parse(World.Key(9)).Fingerprint,
        });
        var error = (await world.ThrowsAsync("Update-RunCloudSshKey -Confirm:$false -Key crlf.pub -NewPublicKey $new")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        Assert.Contains(said, error.ToString(), StringComparison.Ordinal);
        Assert.Equal("NewPublicKey", error.TargetObject);
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task A_certificate_as_the_key_removes_the_key_in_it_and_every_certificate_of_it()
    {
        // The key stands behind the certificate's name and nonce.
        var certificate = TestKeys.Line(SshKeyKind.Ed25519Certificate, 1, "dave");
        var blob = Convert.FromBase64String(certificate.Split(' ')[1]);
        var start = 4 + "ssh-ed25519-cert-v01@openssh.com".Length;
        start += 4 + blob[start + 3];
        var key = "ssh-ed25519 " + Convert.ToBase64String([0, 0, 0, 11, .. "ssh-ed25519"u8, .. blob[start..(start + 36)]]);
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "key", key, id: 17);
            _ = fleet.AddCredential(101, "root", "certificate", certificate, id: 18);
            _ = fleet.AddCredential(101, "root", "authority", "cert-authority " + key, id: 19);
            _ = fleet.AddCredential(101, "root", "other", TestKeys.Line(SshKeyKind.Ed25519, 2, "eve"), id: 20);
        });
        world.Shell.SetVariable("key", certificate);
        Assert.Equal([17, 18, 19], (await world.MustAsync(Read + "$key")).OutputOf<SshCredential>().Select(credential => credential.Id));
        _ = await world.MustAsync(Revoke + "$key");
        Assert.Equal([20], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_displayed_key_has_no_surrounding_white_space()
    {
        string[] ends = [string.Empty, "\n", "\r\n", " ", "\u00A0", "\uFEFF"];
        await using var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            for (var i = 0; i < ends.Length; i++)
            {
                _ = fleet.AddCredential(101, "root", $"dave-{i}", World.Key(1) + ends[i], id: 17 + i);
            }

            _ = fleet.AddCredential(101, "root", "eve", World.Key(2, "eve\u001b[31m\u2028x\ttab"), id: 40);
        });
        var result = await world.MustAsync("Get-RunCloudServer | Get-RunCloudSshCredential | Where-Object { $_.PublicKey -like '*dave@laptop' }");
        Assert.Equal(ends.Length, result.Output.Count);
        Assert.All(result.OutputOf<SshCredential>(), credential => Assert.Equal(World.Key(1), credential.PublicKey));
        Assert.Equal(World.Key(1) + "\u00A0", result.OutputOf<SshCredential>().ElementAt(4).RawPublicKey);
        var eve = Assert.Single((await world.MustAsync("Get-RunCloudSshCredential -ServerId 101 -Id 40")).OutputOf<SshCredential>());
        Assert.Equal("eve\uFFFD[31m\uFFFDx\uFFFDtab", eve.Comment);
        Assert.EndsWith(" eve\uFFFD[31m\uFFFDx tab", eve.PublicKey, StringComparison.Ordinal);
        Assert.True(SshPublicKey.TryParse(eve.PublicKey, out _));
    }

    [Fact]
    public async Task A_key_that_may_be_shortened_in_the_list_is_read_individually_and_compared()
    {
        // An unknown algorithm, and what follows its name is no sequence of whole fields.
        var odd = "ssh-new " + Convert.ToBase64String([0, 0, 0, 7, .. "ssh-new"u8, 1, 2, 3]);
        await using var world = await StartAsync();
        _ = world.Fleet.AddCredential(102, "root", "odd", odd, id: 20);
        _ = world.Fleet.AddUser(102, "git", odd);
        Assert.Equal([17], (await world.MustAsync(Read + "crlf.pub")).OutputOf<SshCredential>().Select(credential => credential.Id));
        Assert.Equal([20], (await world.MustAsync(Read + $"'{odd}'")).OutputOf<SshCredential>().Select(credential => credential.Id));
        Assert.Equal("git", Assert.Single((await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSystemUser -Key '{odd}'")).OutputOf<SystemUser>()).User);
        Assert.Empty((await world.MustAsync("Get-RunCloudServer | Get-RunCloudSystemUser -Key crlf.pub")).Output);
        Assert.Single(world.Requests.All, request => request.Path.EndsWith("/ssh/credentials/20", StringComparison.Ordinal));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddCredential(101, "root", "dave", Rsa, id: 17);
            _ = fleet.AddCredential(101, "root", "eve", World.Key(2), id: 18);
            _ = fleet.AddServer("web-02", id: 102);
            _ = fleet.AddCredential(102, "root", "eve", World.Key(2), id: 19);
        });
        var secret = "-----BEGIN OPENSSH PRIVATE " + "KEY-----\nAAAA\n";
        foreach (var (name, content) in Readable.Concat(new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["empty.pub"] = [],
            ["blank.pub"] = Utf8("\n# nothing\n"),
            ["pem.pub"] = Utf8("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n"),
            ["pkcs8.pub"] = Utf8("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
            ["invisible.pub"] = Utf8(Rsa.Insert(7, "\u200B")),
            ["secret.txt"] = Utf8(secret),
            ["large.pub"] = Utf8(Rsa.PadRight((64 * 1024) + 1, 'x')),
            ["two.pub"] = Utf8(Rsa + "\n" + string.Join(' ', World.Key(2).Split(' ').Take(2)) + "\n"),
        }))
        {
            await File.WriteAllBytesAsync(Path.Combine(_folder, name), content, TestContext.Current.CancellationToken);
        }

        _ = Directory.CreateDirectory(Path.Combine(_folder, "folder.d"));
        world.Shell.SetVariable("folder", _folder);
        _ = await world.MustAsync("$null = $ExecutionContext.SessionState.Path.SetLocation([Management.Automation.WildcardPattern]::Escape($folder))");
        return world;
    }
}
