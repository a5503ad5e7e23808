using System.Net;
using System.Net.Sockets;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Examples;

/// <summary>If an example cannot start, it ends with 3 and a line that says what to do, and changes nothing.</summary>
public sealed class StartTests
{
    /// <summary>Each example, with arguments that would do.</summary>
    private static readonly Dictionary<string, Func<string, string[]>> Arguments = new(StringComparer.Ordinal)
    {
        ["Export-AccessReport"] = folder => ["-Path", Path.Combine(folder, "access.csv")],
        ["Remove-RootKey"] = folder => ["-Folder", folder, "-Force"],
        ["Revoke-LeakedKey"] = folder => ["-Key", Desk.DavesKey, "-Folder", folder],
        ["Update-SshKey"] = folder => ["-Key", Desk.DavesKey, "-NewPublicKey", TestKeys.Line(SshKeyKind.Ed25519, 9), "-Folder", folder],
    };

    public static TheoryData<string> Names => [.. Arguments.Keys.Union(Directory.GetFiles(Night.Examples).Select(file => Path.GetFileNameWithoutExtension(file)))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_module_is_missing(string example)
    {
        await using var night = await Night.FallAsync();
        night.Environment["PSModulePath"] = night.Folder;
        await CannotStartAsync(night, example, night.Folder);
        Assert.Empty(night.Simulator.Requests.All);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_token_is_missing(string example)
    {
        await using var night = await Night.FallAsync();
        night.Environment["RUNCLOUD_API_TOKEN"] = null;
        await CannotStartAsync(night, example, "set the environment variable RUNCLOUD_API_TOKEN");
        Assert.Empty(night.Simulator.Requests.All);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_token_is_refused(string example)
    {
        await using var night = await Night.FallAsync();
        night.Environment["RUNCLOUD_API_TOKEN"] = "expired";
        await CannotStartAsync(night, example, "the token is wrong or revoked (Workspace > Settings > API Management)");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_token_is_refused_after_the_list_of_servers(string example)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Unauthorized, "GET", "/servers/*/ssh/credentials");
        await CannotStartAsync(night, example, "the token is wrong or revoked (Workspace > Settings > API Management)");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_servers_cannot_be_listed(string example)
    {
        await using var night = await Night.FallAsync();
        _ = night.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers");
        await CannotStartAsync(night, example, "Check that the plan includes the API");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_workspace_is_empty(string example)
    {
        await using var night = await Night.FallAsync(new Fleet());
        var result = await night.EndsWithAsync(3, example, Arguments[example](night.Folder));
        Assert.Matches("Is the token that of the right workspace\\?|The token may belong to another workspace\\.", result.Errors);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_folder_is_missing(string example)
    {
        await using var night = await Night.FallAsync();
        var result = await night.EndsWithAsync(3, example, Arguments[example](night.PathOf("none")));
        Assert.Contains("Make it, and let this account write to it.", result.Errors, StringComparison.Ordinal);
        Assert.Empty(night.Simulator.Requests.All);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_file_can_be_written(string example)
    {
        // Not even by root, who ignores permissions.
        Assert.SkipUnless(Directory.Exists("/proc/self"), "Only Linux has a folder in which nobody can make files.");
        await using var night = await Night.FallAsync();
        _ = await night.EndsWithAsync(3, example, Arguments[example]("/proc"));
        Assert.Empty(night.Simulator.Requests.Changing);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_token_file_is_unusable(string example)
    {
        await using var night = await Night.FallAsync();
        var missing = await night.EndsWithAsync(3, example, [.. Arguments[example](night.Folder), "-TokenPath", night.PathOf("none")]);
        Assert.Contains("One made by Export-Clixml can only be read by the account that made it", missing.Errors, StringComparison.Ordinal);

        await File.WriteAllTextAsync(night.PathOf("token"), "<Objs>", TestContext.Current.CancellationToken);
        var spoilt = await night.EndsWithAsync(3, example, [.. Arguments[example](night.Folder), "-TokenPath", night.PathOf("token")]);
        Assert.Contains("One made by Export-Clixml can only be read by the account that made it", spoilt.Errors, StringComparison.Ordinal);

        await File.WriteAllTextAsync(night.PathOf("token"), "\n", TestContext.Current.CancellationToken);
        _ = await night.EndsWithAsync(3, example, [.. Arguments[example](night.Folder), "-TokenPath", night.PathOf("token")]);
        Assert.Empty(night.Simulator.Requests.All);
    }

    [Fact]
    public async Task The_network_is_down()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await Task.WhenAll(Arguments.Keys.Select(async example =>
        {
            // Bound and not listening: nobody else can take it in the meantime.
            await using var night = await Night.FallAsync();
            night.Environment["RUNCLOUD_API_ENDPOINT"] = $"http://{taken.LocalEndPoint}/api/v3";
            await CannotStartAsync(night, example, "Check the network, the proxy");
        }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_unknown_parameter_is_refused_by_the_shell(string example)
    {
        await using var night = await Night.FallAsync();
        Assert.Equal(1, (await night.RunAsync(example, [.. Arguments[example](night.Folder), "-Sever", "web-01"])).ExitCode);
        Assert.Equal(1, (await night.RunAsync(example, [.. Arguments[example](night.Folder), "stray"])).ExitCode);
        Assert.Equal(1, (await night.RunAsync(example)).ExitCode);
        Assert.Empty(night.Simulator.Requests.All);
    }

    private static async Task CannotStartAsync(Night night, string example, string advice)
    {
        var result = await night.EndsWithAsync(3, example, Arguments[example](night.Folder));
        Assert.Contains(advice, result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Empty(Directory.GetFiles(night.Folder));
        Assert.Empty(night.Simulator.Requests.Changing);
    }
}
