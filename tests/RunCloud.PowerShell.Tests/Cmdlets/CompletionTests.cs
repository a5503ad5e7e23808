using RunCloud.Simulator;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What the tab key offers: names that the session has read, which are accepted as offered and mean one server or user.</summary>
public sealed class CompletionTests
{
    /// <summary>Names that are hard to type, each with another one that its unescaped form would match too.</summary>
    private static readonly string[] Names =
    [
        "web-01", "web-02", "two words", "dave's", "say \"hi\"", "a$b", "a;b", "[prod] web", "p web", "web*", "a`b", "ab", "what?", "whatx", "101", "1kb", "-x", "“smart”", "‘single’", "(x)", "@x", "naïve", "a,b", "#1", "\u001b[31mred",
    ];

    [Theory]
    [InlineData("")]
    [InlineData("'")]
    [InlineData("\"")]
    public async Task A_server_that_is_offered_is_accepted_and_means_that_server_alone(string quote)
    {
        await using var world = await StartAsync();
        var shown = (await world.MustAsync("Get-RunCloudServer")).OutputOf<Server>().Select(server => server.Name).ToList();
        world.Requests.Clear();
        var offered = await world.Shell.CompleteAsync("Get-RunCloudSshSetting -Server " + quote);
        Assert.Empty(world.Requests.All);
        Assert.Equal(shown.Order(StringComparer.Ordinal), offered.Select(match => match.ListItemText).Order(StringComparer.Ordinal));
        foreach (var match in offered)
        {
            Assert.True(quote.Length == 0 || match.CompletionText.StartsWith(quote, StringComparison.Ordinal));
            foreach (var script in (string[])["Get-RunCloudServer ", "Get-RunCloudServer -Name ", "Get-RunCloudSshSetting ", "Get-RunCloudSshSetting -Server web-0x*, "])
            {
                var result = await world.MustAsync(script + match.CompletionText);
                Assert.Equal([match.ListItemText], result.Output.Select(item => item.BaseObject is Server server ? server.Name : ((SshSetting)item.BaseObject).ServerName));
            }

            var others = (await world.MustAsync("Revoke-RunCloudSshKey SHA256:" + new string('A', 43) + " -WhatIf -ExcludeServer " + match.CompletionText)).OutputOf<SshKeyRevocation>();
            Assert.Equal(shown.Where(name => name != match.ListItemText).Order(StringComparer.Ordinal), others.Select(row => row.ServerName).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("Get-RunCloudServer w", "'web`*'", "web-01", "web-02", "'what`?'", "whatx")]
    [InlineData("Get-RunCloudServer WEB-", "web-01", "web-02")]
    [InlineData("Get-RunCloudSshSession -Server 'web-", "'web-01'", "'web-02'")]
    [InlineData("Get-RunCloudSshCredential -Server web-01, two", "'two words'")]
    [InlineData("Get-RunCloudSshKey -Server \"two", "\"two words\"")]
    [InlineData("Test-RunCloudSshAccess [p", "'`[prod`] web'")]
    [InlineData("Test-RunCloudSshAccess '`[p", "'`[prod`] web'")]
    [InlineData("Test-RunCloudSshKey -Server web-02", "web-02")]
    [InlineData("Revoke-RunCloudSshKey x -ExcludeServer two", "'two words'")]
    [InlineData("Set-RunCloudSshSetting 1", "'101'", "'1kb'")]
    [InlineData("Get-RunCloudSystemUser web-01 -User d", "deploy")]
    [InlineData("Add-RunCloudSshCredential -User 'ro", "'root'")]
    [InlineData("Revoke-RunCloudSshKey x -User ", "deploy", "root")]
    [InlineData("Set-RunCloudSshSetting web-01 -PreventRootLogin ", "$true", "$false")]
    [InlineData("Set-RunCloudSshSetting web-01 -PasswordlessLogin $fals", "$false")]
    [InlineData("Set-RunCloudSshSetting web-01 -UseDns t", "$true")]
    [InlineData("Test-RunCloudSshAccess -MinimumSeverity H", "High")]
    [InlineData("Test-RunCloudSshAccess -Rule Pass", "PasswordLogin")]
    [InlineData("Test-RunCloudSshAccess -ExcludeRule OldKey, Unkn", "UnknownAge")]
    [InlineData("Get-RunCloudServer -Context oth", "other")]
    [InlineData("Get-RunCloudServer -Context default, oth", "other")]
    [InlineData("Get-RunCloudServer -Context other x")]
    public async Task The_rest_of_a_word_is_offered(string line, params string[] expected)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$null = Get-RunCloudServer web-01 | Get-RunCloudSshCredential; Connect-RunCloud $token -Endpoint $endpoint -Name other; Select-RunCloudContext default");
        world.Requests.Clear();
        Assert.Equal(expected, (await world.Shell.CompleteAsync(line)).Select(match => match.CompletionText));
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task Names_are_those_of_the_contexts_that_are_called()
    {
        await using var world = await StartAsync();
        await using var other = await World.StartAsync(fleet => fleet.AddServer("web-99", id: 101));
        world.Shell.SetVariable("token2", World.Secret(other.Api.Token));
        world.Shell.SetVariable("endpoint2", other.Api.Endpoint);
        Assert.Empty(await OfferedAsync("Get-RunCloudSshSetting web-"));
        _ = await world.MustAsync("$null = Get-RunCloudServer; Connect-RunCloud $token2 -Endpoint $endpoint2 -Name other; $null = Get-RunCloudServer");
        Assert.Equal(["web-99"], await OfferedAsync("Get-RunCloudSshSetting web-"));
        Assert.Equal(["web-01", "web-02"], await OfferedAsync("Get-RunCloudSshSetting -Context default -Server web-"));
        Assert.Equal(["web-01", "web-02", "web-99"], await OfferedAsync("Get-RunCloudSshSetting -Context default, other -Server web-"));
        Assert.Equal(
            ["Server in default", "Server in default", "Server in other"],
            (await world.Shell.CompleteAsync("Get-RunCloudSshSetting -Context default, other -Server web-")).Select(match => match.ToolTip));
        _ = await world.MustAsync("Disconnect-RunCloud");
        Assert.Empty(await OfferedAsync("Get-RunCloudSshSetting web-"));

        async Task<IEnumerable<string>> OfferedAsync(string text) => (await world.Shell.CompleteAsync(text)).Select(match => match.CompletionText);
    }

    [Fact]
    public async Task A_server_that_was_renamed_is_offered_by_its_new_name_once_it_was_read_again()
    {
        await using var world = await World.StartAsync(fleet => fleet.AddServer("web-01", id: 101));
        _ = await world.MustAsync("Get-RunCloudServer");
        world.Fleet.UpdateServer(101, server => server with { Name = "web-09" });
        _ = await world.MustAsync("Get-RunCloudServer");
        Assert.Equal(["web-09"], (await world.Shell.CompleteAsync("Get-RunCloudSshSetting web-")).Select(match => match.CompletionText));
    }

    [Fact]
    public async Task A_name_with_wildcards_is_escaped_where_contexts_are_found_by_pattern_and_not_where_they_are_named()
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("'[a]', 'a' | ForEach-Object { Connect-RunCloud $token -Endpoint $endpoint -Name $_ }");
        foreach (var command in (string[])["Get-RunCloudContext ", "Get-RunCloudServer -Name web-01 -Context "])
        {
            var offered = Assert.Single(await world.Shell.CompleteAsync(command + "'["));
            var result = Assert.Single((await world.MustAsync(command + offered.CompletionText)).Output).BaseObject;
            Assert.Equal("[a]", result is Context context ? context.Name : Context.Of(result)!.Name);
        }
    }

    private static Task<World> StartAsync() => World.StartAsync(fleet =>
    {
        foreach (var name in Names)
        {
            var id = fleet.AddServer(name).Id;
            if (name == "web-01")
            {
                _ = fleet.AddCredential(id, "root", "dave", World.Key(1));
                _ = fleet.AddCredential(id, "deploy", "erin", World.Key(2));
            }
        }
    });
}
