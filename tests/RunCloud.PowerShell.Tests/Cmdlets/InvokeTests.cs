using System.Management.Automation;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Calls of any path: requests, refused input, and results.</summary>
public sealed class InvokeTests
{
    [Theory]
    [InlineData("Invoke-RunCloudApi /servers/101", "GET /api/v3/servers/101")]
    [InlineData("Invoke-RunCloudApi servers/101", "GET /api/v3/servers/101")]
    [InlineData("Invoke-RunCloudApi /api/v3/servers/101 Get", "GET /api/v3/servers/101")]
    [InlineData("Invoke-RunCloudApi '/servers?search=web 1'.Replace(' ', '%20')", "GET /api/v3/servers?search=web%201")]
    [InlineData("Invoke-RunCloudApi /servers -Query ([ordered]@{ search = 'a&b'; perPage = 5; flag = $true })", "GET /api/v3/servers?search=a%26b&perPage=5&flag=true")]
    [InlineData("Invoke-RunCloudApi /servers -Query ([ordered]@{ a = [psobject]::AsPSObject($true); b = [switch] $true; c = 1.5; d = $null; e = [datetimeoffset] '2026-11-25T14:00:00+02:00' })", "GET /api/v3/servers?a=true&b=true&c=1.5&d=&e=2026-11-25T12%3A00%3A00Z")]
    public async Task The_path_is_sent_below_the_endpoint(string script, string sent)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync(script);
        Assert.Equal(sent, world.Requests.All.Select(request => $"{request.Method} {request.Path}{request.Query}").Single());
    }

    [Theory]
    [InlineData("/../x")]
    [InlineData("/servers/../../x")]
    [InlineData("/servers/%2e%2e/x")]
    [InlineData("/servers/..%2fx")]
    [InlineData("//evil.example/x")]
    [InlineData("https://evil.example/x")]
    [InlineData("/servers//101")]
    [InlineData("/servers\\101")]
    [InlineData("/servers/101#x")]
    [InlineData("/servers/ 101")]
    [InlineData("/")]
    [InlineData("@evil.example")]
    public async Task A_path_that_leads_elsewhere_is_refused_before_any_request(string path)
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync($"try {{ Invoke-RunCloudApi '{path}' }} catch {{ $_.FullyQualifiedErrorId }}");
        if (path[0] != '@')
        {
            Assert.StartsWith("InvalidApiPath", Assert.Single(result.Output).ToString(), StringComparison.Ordinal);
        }

        Assert.All(world.Requests.All, request => Assert.Equal("/api/v3/@evil.example", request.Path));
    }

    [Theory]
    [InlineData("-Body @{}", "InvalidBody")]
    [InlineData("-Method Delete -Body @{}", "InvalidBody")]
    [InlineData("-Method Post -Body 'no JSON'", "InvalidBody")]
    [InlineData("-Method Post -Body 5", "InvalidBody")]
    [InlineData("-Method Post -Body @{ a = [System.IO.MemoryStream]::new() }", "InvalidBody")]
    [InlineData("-Method Post -Body @{ a = $token }", "InvalidBody")]
    [InlineData("-Method Post -Body @{ a = [double]::NaN }", "InvalidBody")]
    [InlineData("-Method Post -Body $circle", "InvalidBody")]
    [InlineData("-Method Post -All", "InvalidApiPath")]
    [InlineData("-Query @{ a = 1, 2 }", "InvalidApiPath")]
    [InlineData("-Query @{ a = @{} }", "InvalidApiPath")]
    [InlineData("-Query @{ a = $token }", "InvalidApiPath")]
    public async Task A_body_or_query_that_cannot_be_sent_is_refused_before_any_request(string arguments, string id)
    {
        await using var world = await StartAsync();
        var error = await world.ThrowsAsync($"$circle = @{{}}; $circle.self = $circle; Invoke-RunCloudApi /servers {arguments} -Confirm:$false");
        _ = error.MustBe(id, ErrorCategory.InvalidArgument);
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task A_change_asks_sends_the_body_once_and_gives_the_answer()
    {
        await using var world = await StartAsync(new ShellOptions { Answers = [ShellAnswer.No, ShellAnswer.Yes] });
        const string Add = "Invoke-RunCloudApi /servers/101/ssh/credentials -Method Post -Body ([ordered]@{ label = 'x'; username = 'root'; publicKey = $key; temporary = $true })";
        world.Shell.SetVariable("key", World.Key(3));
        Assert.Empty((await world.MustAsync(Add)).Output);
        Assert.Empty(world.Requests.All);
        var added = Assert.Single((await world.MustAsync(Add)).Output);
        Assert.Equal("x", added.Properties["label"].Value);
        var sent = JsonNode.Parse(Assert.Single(world.Requests.All).Body!)!;
        Assert.Equal(["label", "username", "publicKey", "temporary"], sent.AsObject().Select(property => property.Key));
        Assert.Equal((World.Key(3), true), (sent["publicKey"]!.GetValue<string>(), sent["temporary"]!.GetValue<bool>()));
        Assert.Contains("POST", world.Shell.Screen.Prompts[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[datetimeoffset]'2026-11-30T10:00:00+02:00'", "\"2026-11-30T08:00:00Z\"")]
    [InlineData("[datetimeoffset]'2026-11-30T10:00:00.25Z'", "\"2026-11-30T10:00:00.25Z\"")]
    [InlineData("[datetime]::SpecifyKind('2026-11-30T10:00:00', 'Utc')", "\"2026-11-30T10:00:00Z\"")]
    [InlineData("[datetimeoffset]::new(2026, 11, 30, 10, 0, 0, [timespan]::Zero).LocalDateTime", "\"2026-11-30T10:00:00Z\"")]
    [InlineData("[float]0.5", "0.5")]
    [InlineData("0.10d", "0.10")]
    [InlineData("[byte]7", "7")]
    [InlineData("[long]::MinValue", "-9223372036854775808")]
    [InlineData("[ulong]::MaxValue", "18446744073709551615")]
    [InlineData("[switch]$true", "true")]
    [InlineData("[switch]$false", "false")]
    [InlineData("$null", "null")]
    [InlineData("[char]'x'", "\"x\"")]
    [InlineData("[guid]'{9a3a4ad2-0d3c-4b0e-8b7a-3d0f5f1b2c3d}'", "\"9a3a4ad2-0d3c-4b0e-8b7a-3d0f5f1b2c3d\"")]
    [InlineData("[System.DayOfWeek]::Friday", "\"Friday\"")]
    [InlineData("[version]'1.2'", "\"1.2\"")]
    [InlineData("@(1, @(2), 'x')", "[1,[2],\"x\"]")]
    [InlineData("[pscustomobject]@{ b = 1; a = @{ c = $true } }", "{\"b\":1,\"a\":{\"c\":true}}")]
    public async Task Each_kind_of_value_is_sent_as_json_means_it(string value, string expected)
    {
        await using var world = await StartAsync();
        _ = await world.RunAsync($"Invoke-RunCloudApi /servers/101/ssh/credentials -Method Post -Body @{{ it = {value} }} -Confirm:$false");
        Assert.Equal($"{{\"it\":{expected}}}", Assert.Single(world.Requests.All).Body);
    }

    [Fact]
    public async Task WhatIf_sends_reads_only()
    {
        await using var world = await StartAsync();
        Assert.NotEmpty((await world.MustAsync("Invoke-RunCloudApi /servers/101 -WhatIf; Invoke-RunCloudApi /servers/101 Delete -WhatIf")).Output);
        Assert.Equal(["GET"], world.Requests.All.Select(request => request.Method));
    }

    [Theory]
    [InlineData("Get", 3)]
    [InlineData("Delete", 3)]
    [InlineData("Post", 1)]
    [InlineData("Put", 1)]
    [InlineData("Patch", 1)]
    public async Task Reads_and_removals_are_sent_again_and_nothing_else_is(string method, int sent)
    {
        var time = new EagerTime(Fleet.Epoch);
        await using var world = await World.StartAsync(Build, new SimulatorOptions { TimeProvider = time.Server });
        using var context = VirtualContext.Create(world.Api.Endpoint, World.Secret(world.Api.Token), time.Client, options => options with { MaximumRetryCount = 2 });
        world.Shell.SetVariable("virtual", context.Context);
        _ = world.Faults.Add(Fault.DropAfter, path: "/servers/101/x");
        var error = await world.FailsAsync($"Invoke-RunCloudApi /servers/101/x -Method {method} -Confirm:$false -Context $virtual");
        _ = error.MustBe("ConnectionFailed", ErrorCategory.ConnectionError);
        Assert.Equal(sent, world.Requests.Count);
        Assert.Equal(method != "Get", error.ToString().Contains("may have been carried out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_reads_a_list_to_its_end()
    {
        await using var world = await World.StartAsync(fleet =>
        {
            for (var number = 1; number <= 95; number++)
            {
                _ = fleet.AddServer($"web-{number:00}", id: 100 + number);
            }
        });
        var result = await world.MustAsync("Invoke-RunCloudApi /servers -All -Query @{ page = 7; search = 'web' }");
        Assert.Equal(Enumerable.Range(101, 95).Select(id => (long)id), result.Output.Select(row => (long)row.Properties["id"].Value));
        Assert.Equal(["?search=web&page=1&perPage=40", "?search=web&page=2&perPage=40", "?search=web&page=3&perPage=40"], world.Requests.All.Select(request => request.Query));
    }

    [Fact]
    public async Task An_answer_of_any_shape_becomes_objects_that_a_terminal_can_show()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Answering("any", answer => answer with
        {
            Body = """{"id":1,"ID":2,"":3,"a\u001b":4,"A\u001b":5,"big":12345678901234567890,"half":1.5,"none":null,"on":true,"text":"a\u001b[31mb\nc\td","list":[1,[2],{"x":"\ud800"}]}"""u8.ToArray(),
        }), path: "/servers/101");
        var answer = Assert.Single((await world.MustAsync("Invoke-RunCloudApi /servers/101")).Output);
        Assert.Equal(["id", "ID_2", "_", "a\uFFFD", "A\uFFFD_2", "big", "half", "none", "on", "text", "list"], answer.Properties.Select(property => property.Name));
        Assert.Equal((1L, 2L, 12345678901234567890m, 1.5m, true), (answer.Properties["id"].Value, answer.Properties["ID_2"].Value, answer.Properties["big"].Value, answer.Properties["half"].Value, answer.Properties["on"].Value));
        Assert.Equal("a\uFFFD[31mb\nc\td", answer.Properties["text"].Value);
        Assert.Equal("\uFFFD", ((PSObject)((object[])answer.Properties["list"].Value)[2]).Properties["x"].Value);
    }

    [Fact]
    public async Task A_refusal_is_an_error_in_the_words_of_the_API()
    {
        await using var world = await StartAsync();
        var error = await world.FailsAsync("Invoke-RunCloudApi /servers/999");
        Assert.Equal("/servers/999", error.MustBe("RequestRejected", ErrorCategory.InvalidOperation).TargetObject);
    }

    private static Task<World> StartAsync(ShellOptions? shell = null) => World.StartAsync(Build, shell: shell);

    private static void Build(Fleet fleet)
    {
        _ = fleet.AddServer("web-01", id: 101);
        _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
    }
}
