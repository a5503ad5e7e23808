using System.Management.Automation;
using System.Security.Cryptography;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What -Key and -PublicKey take, and what they refuse without showing it.</summary>
public sealed class KeyArgumentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("runcloud-keys-").FullName;

    private static SshPublicKey Wanted { get; } = SshPublicKey.Parse(World.Key(1));

    public static TheoryData<string> Forms { get; } =
    [
        "'" + World.Key(1) + "'",
        "'" + World.Key(1, "somebody@else") + "'",
        "'" + World.Key(1)[..^" dave@laptop".Length] + "'",
        "'  " + World.Key(1) + "\n'",
        "'from=\"203.0.113.0/24\",no-pty " + World.Key(1) + "'",
        "'" + Wanted.Fingerprint + "'",
        "'" + Wanted.Fingerprint + "='",
        "'" + Wanted.FingerprintMD5 + "'",
        "'" + Wanted.FingerprintMD5["MD5:".Length..].ToUpperInvariant() + "'",
        "$folder/dave.pub",
        "'./dave.pub'",
        "'dave.pub'",
        "'keys/../dave.pub'",
        "'keys:/dave.pub'",
        "([IO.FileInfo]\"$folder/dave.pub\")",
        "'~/dave.pub'",
        "'./with comment.pub'",
    ];

    public static TheoryData<string, string> PrivateKeys { get; } = new()
    {
        { "-----BEGIN OPENSSH PRIVATE KEY-----", "OPENSSH" },
        { "-----BEGIN RSA PRIVATE KEY-----", "RSA" },
        { "-----BEGIN ENCRYPTED PRIVATE KEY-----", "ENCRYPTED" },
        { "PuTTY-User-Key-File-3: ssh-ed25519", "PuTTY" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_key_is_accepted_in_the_forms_that_people_have(string form)
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSshCredential -Key {form}");
        Assert.Equal([17, 18], result.OutputOf<SshCredential>().Select(credential => credential.Id));
    }

    [Fact]
    public async Task Several_keys_are_given_at_once_and_each_credential_comes_once()
    {
        await using var world = await StartAsync();
        var result = await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSshCredential -Key ./dave.pub, '{SshPublicKey.Parse(World.Key(2)).Fingerprint}', '{Wanted.Fingerprint}'");
        Assert.Equal([17, 18, 19], result.OutputOf<SshCredential>().Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_key_that_is_nowhere_is_not_found_although_others_begin_the_same()
    {
        await using var world = await StartAsync();
        Assert.Equal(World.Key(1)[..50], World.Key(3)[..50]);
        Assert.Empty((await world.MustAsync($"Get-RunCloudServer | Get-RunCloudSshCredential -Key '{World.Key(3)}'")).Output);
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("./nowhere.pub")]
    [InlineData("SHA256:short")]
    [InlineData("MD5:00:11")]
    [InlineData("ssh-ed25519 AAAA")]
    [InlineData("./empty.pub")]
    [InlineData("./large.pub")]
    [InlineData("./notes.txt")]
    [InlineData(".")]
    public async Task An_invalid_key_is_a_parameter_error_before_any_request(string key)
    {
        await using var world = await StartAsync();
        var error = (await world.ThrowsAsync($"Get-RunCloudServer | Get-RunCloudSshCredential -Key '{key}'")).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
        Assert.Equal("Key", error.TargetObject);
        Assert.DoesNotContain("diary", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task A_token_given_by_mistake_is_not_shown_as_the_name_of_a_file()
    {
        await using var world = await StartAsync();
        var token = $"{new string('a', 30)}.{new string('b', 30)}.{new string('c', 30)}";
        var result = await world.RunAsync($"$token = '{token}'; Get-RunCloudSshCredential -ServerId 101 -Key $token");
        Assert.DoesNotContain(token, result.AllText(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(PrivateKeys))]
    public async Task A_private_key_is_refused_and_no_part_of_it_is_shown(string head, string word)
    {
        await using var world = await StartAsync();
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));
        var text = $"{head}\n{secret}\n-----END {word} PRIVATE KEY-----\n";
        await File.WriteAllTextAsync(Path.Combine(_folder, "id_ed25519"), text, TestContext.Current.CancellationToken);
        world.Shell.SetVariable("text", text);
        foreach (var script in (string[])[
            "Get-RunCloudServer | Get-RunCloudSshCredential -Verbose -Debug -Key ./id_ed25519",
            "Get-RunCloudServer | Get-RunCloudSshCredential -Verbose -Debug -Key $text",
            "Add-RunCloudSshCredential -ServerId 101 -User root -Label x -Verbose -Debug -PublicKey $text"])
        {
            var result = await world.RunAsync(script);
            var error = Assert.Single(result.Errors).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument);
            Assert.Contains("private key", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret[..16], result.AllText(), StringComparison.Ordinal);
            Assert.Empty(world.Requests.All);
        }
    }

    [Fact]
    public async Task A_key_to_add_must_be_one_and_a_row_without_one_does_not_stop_the_next()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync($$"""
            [pscustomobject]@{ ServerId = 101; User = 'root'; Label = 'bad'; PublicKey = 'rubbish' },
            [pscustomobject]@{ ServerId = 101; User = 'root'; Label = 'good'; PublicKey = '{{World.Key(5)}}' } | Add-RunCloudSshCredential
            """);
        Assert.Equal("bad", Assert.Single(result.Errors).MustBe("InvalidPublicKey", ErrorCategory.InvalidArgument).TargetObject);
        Assert.False(result.LastSucceeded);
        _ = Assert.Single(world.Requests.Changing);
        Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Label == "good");
    }

    private async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            var first = fleet.AddServer("web-01", id: 101).Id;
            _ = fleet.AddCredential(first, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(first, "runcloud", "dave-2", "no-pty  " + World.Key(1, "office"), id: 18);
            _ = fleet.AddCredential(fleet.AddServer("web-02", id: 102).Id, "root", "eve", World.Key(2), id: 19);
        });
        var keys = Directory.CreateDirectory(Path.Combine(_folder, "keys")).FullName;
        foreach (var (name, text) in new[]
        {
            ("dave.pub", World.Key(1) + "\n"),
            ("keys/dave.pub", World.Key(1) + "\r\n"),
            ("with comment.pub", "# dave's\n\n" + World.Key(1) + "\n"),
            ("two.pub", World.Key(1) + "\n" + World.Key(2) + "\n"),
            ("empty.pub", "\n"),
            ("large.pub", World.Key(1) + "\n" + new string('#', 70_000)),
            ("notes.txt", "dear diary\n"),
        })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, name), text, TestContext.Current.CancellationToken);
        }

        world.Shell.SetVariable("folder", _folder);
        world.Shell.SetVariable("keys", keys);
        _ = await world.MustAsync("""
            $null = $ExecutionContext.SessionState.Path.SetLocation($folder)
            $fileSystem = $ExecutionContext.SessionState.Provider.GetOne('FileSystem')
            $fileSystem.Home = $folder
            $null = $ExecutionContext.SessionState.Drive.New([Management.Automation.PSDriveInfo]::new('keys', $fileSystem, $keys, '', $null), 'Global')
            """);
        return world;
    }
}
