using System.Text.Json;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>A report says what was asked for, what was sent, and what became of each server: no number in it is wrong.</summary>
public sealed class ReportContentTests : IDisposable
{
    private const string Job = "Revoke-RunCloudSshKey -Key $key -User root -ExcludeServer mail* -Reason 'has left' -Confirm:$false";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_numbers_are_those_of_the_run()
    {
        await using var world = await StartAsync();
        _ = await world.RunAsync($"{Job} -ReportPath '{_folder.Path}/report.json'");
        var report = await ReadAsync();
        var summary = report.GetProperty("summary");
        Assert.Equal((2, 1, 1, 1, 3), (Number("removed"), Number("unconfirmed"), Number("failed"), Number("kept"), Number("clean")));
        Assert.Equal("has left", report.GetProperty("run").GetProperty("reason").GetString());
        Assert.Equal("Revoke-RunCloudSshKey", report.GetProperty("run").GetProperty("command").GetString());
        var scope = report.GetProperty("scope");
        Assert.Equal(["root"], scope.GetProperty("users").EnumerateArray().Select(user => user.GetString()));
        Assert.Equal(["mail*"], scope.GetProperty("excludeServer").EnumerateArray().Select(server => server.GetString()));
        Assert.Equal(world.Requests.Count, scope.GetProperty("requests").GetInt32());
        Assert.Equal(["mail-01"], report.GetProperty("excluded").EnumerateArray().Select(server => server.GetProperty("serverName").GetString()));

        int Number(string status) => summary.GetProperty(status).GetInt32();
    }

    [Fact]
    public async Task It_is_final_before_the_first_row_comes()
    {
        // Whatever stands behind in the pipeline may end the command with that row.
        await using var world = await StartAsync();
        var result = await world.RunAsync($"{Job} -ReportPath '{_folder.Path}/report.json' | ForEach-Object {{ [IO.File]::ReadAllText('{_folder.Path}/report.json') }}");
        using var first = JsonDocument.Parse(result.OutputOf<string>()[0]);
        Assert.Equal(JsonValueKind.String, first.RootElement.GetProperty("endedAt").ValueKind);
        Assert.Equal(2, first.RootElement.GetProperty("summary").GetProperty("removed").GetInt32());
    }

    [Fact]
    public async Task It_says_who_ran_what_on_which_machine_against_which_workspace()
    {
        await using var world = await StartAsync();
        var module = (await world.MustAsync("(Get-Command Revoke-RunCloudSshKey).Module.Version.ToString()")).Output.Single().ToString();
        _ = await world.RunAsync($"{Job.Replace("'has left'", "\"has`e[31m`n left\"", StringComparison.Ordinal)} -ReportPath '{_folder.Path}/report.json'");
        var run = (await ReadAsync()).GetProperty("run");
        Assert.Equal(
            [module, Environment.UserName, Environment.MachineName, "has\uFFFD[31m\uFFFD left", world.Api.Endpoint.ToString(), "default"],
            ((string[])["module", "account", "computer", "reason", "endpoint", "context"]).Select(name => run.GetProperty(name).GetString()));
    }

    [Fact]
    public async Task The_servers_are_counted_by_what_became_of_their_reading_and_their_state()
    {
        await using var world = await StartAsync();
        world.Fleet.UpdateServer(107, server => server with { Connected = false });
        _ = await world.RunAsync($"{Job} -ReportPath '{_folder.Path}/report.json'");
        var scope = (await ReadAsync()).GetProperty("scope");
        Assert.Equal((9, 9, 7, 1, 1, 1), (Number("asked"), Number("serversInWorkspace"), Number("serversRead"), Number("notRead"), Number("offline"), Number("excluded")));

        int Number(string what) => scope.GetProperty(what).GetInt32();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" -WarningAction SilentlyContinue")]
    public async Task Each_warning_is_in_it_even_where_it_is_not_shown(string parameters)
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync($"{Job} -ReportPath '{_folder.Path}/report.json'{parameters}");
        Assert.Equal(parameters.Length > 0, result.Warnings.Count == 0);
        var warnings = (await ReadAsync()).GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!).ToList();
        Assert.Contains(warnings, warning => warning.StartsWith("Copies that belong to users outside -User", StringComparison.Ordinal));
        Assert.Contains(warnings, warning => warning.Contains("SSH Key Vault", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_message_about_a_server_is_in_the_rows_for_spreadsheets()
    {
        await using var world = await StartAsync();
        _ = await world.RunAsync($"{Job} -ReportPath '{_folder.Path}/report.json', '{_folder.Path}/report.csv'");
        var rows = await File.ReadAllTextAsync(Path.Combine(_folder.Path, "report.csv"), Cancellation);
        var messages = (await ReadAsync()).GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("message").GetString()).OfType<string>().ToList();
        Assert.Contains(messages, message => message.StartsWith("Credentials gone: 1 of 1.", StringComparison.Ordinal));
        Assert.All(messages, message => Assert.Contains($"\"{message.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", rows, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_extension_selects_the_format_in_any_case()
    {
        await using var world = await StartAsync();
        _ = await world.RunAsync($"{Job} -ReportPath '{_folder.Path}/A.HTML', '{_folder.Path}/B.Csv', '{_folder.Path}/C.Json'");
        Assert.StartsWith("<!doctype html>", await TextAsync("A.HTML"), StringComparison.Ordinal);
        Assert.StartsWith("\"Server\",", (await TextAsync("B.Csv")).TrimStart('\uFEFF'), StringComparison.Ordinal);
        Assert.StartsWith("{", await TextAsync("C.Json"), StringComparison.Ordinal);

        Task<string> TextAsync(string name) => File.ReadAllTextAsync(Path.Combine(_folder.Path, name), Cancellation);
    }

    private async Task<JsonElement> ReadAsync() =>
        JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "report.json"), Cancellation)).RootElement;

    /// <summary>Two servers with the key, one offline, one that cannot be read, one where it is another user's, three without it, one excluded.</summary>
    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync(fleet =>
        {
            foreach (var (name, id, user) in (ReadOnlySpan<(string, long, string?)>)
                [("web-01", 101, "root"), ("web-02", 102, "root"), ("web-03", 103, "root"), ("web-04", 104, null), ("web-05", 105, "runcloud"),
                ("db-01", 106, null), ("db-02", 107, null), ("db-03", 108, null), ("mail-01", 109, "root")])
            {
                _ = fleet.AddServer(name, online: id != 103, id: id);
                _ = fleet.AddCredential(id, "root", "eve", World.Key(2));
                _ = user is null ? null : fleet.AddCredential(id, user, "dave", World.Key(1));
            }
        });
        _ = world.Faults.Add(Fault.Status(500), path: "/servers/104/ssh/credentials");
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
