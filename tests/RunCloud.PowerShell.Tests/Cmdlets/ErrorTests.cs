using System.Management.Automation;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using RunCloud.Api;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Each error has its id, category, target and advice, and a problem with one server or key does not stop the others.</summary>
public sealed partial class ErrorTests
{
    private const string Servers = "/servers";
    private const string Second = "/servers/102/ssh/credentials";

    public static TheoryData<string, string, ErrorCategory> Faults { get; } = new()
    {
        { "status 403", "Forbidden", ErrorCategory.PermissionDenied },
        { "status 400", "RequestRejected", ErrorCategory.InvalidOperation },
        { "status 409", "RequestRejected", ErrorCategory.InvalidOperation },
        { "status 500", "ServerError", ErrorCategory.ResourceUnavailable },
        { "status 503", "ServerError", ErrorCategory.ResourceUnavailable },
        { "after, status 504", "ServerError", ErrorCategory.ResourceUnavailable },
        { "page 200", "InvalidResponse", ErrorCategory.ProtocolError },
        { "cut JSON", "InvalidResponse", ErrorCategory.ProtocolError },
        { "empty body", "InvalidResponse", ErrorCategory.ProtocolError },
        { "body []", "InvalidResponse", ErrorCategory.ProtocolError },
        { "302 to /login", "InvalidResponse", ErrorCategory.ProtocolError },
        { "302 to https://login.example.test/", "InvalidResponse", ErrorCategory.ProtocolError },
        { "oversized, compressed", "InvalidResponse", ErrorCategory.ProtocolError },
        { "total off by 1", "IncompleteList", ErrorCategory.InvalidResult },
        { "total off by -1", "IncompleteList", ErrorCategory.InvalidResult },
        { "repeated id", "IncompleteList", ErrorCategory.InvalidResult },
        { "short page", "IncompleteList", ErrorCategory.InvalidResult },
        { "drop before", "ConnectionFailed", ErrorCategory.ConnectionError },
        { "drop after", "ConnectionFailed", ErrorCategory.ConnectionError },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_server_that_cannot_be_read_is_one_error_and_the_others_go_on(string fault, string id, ErrorCategory category)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Named(fault), path: Second);

        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential");

        var error = Assert.Single(result.Errors).MustBe(id, category);
        Assert.Equal(102, Assert.IsType<Server>(error.TargetObject).Id);
        Assert.Contains("web-02 (id 102)", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal([17, 18, 21, 22], result.OutputOf<SshCredential>().Select(credential => credential.Id).Where(found => found is < 19 or > 20));
        Assert.False(result.LastSucceeded);
        Assert.Null(result.Terminating);
        Assert.DoesNotContain(world.Requests.All, request => request.Path == "/login");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_list_of_servers_that_cannot_be_read_is_an_error(string fault, string id, ErrorCategory category)
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Named(fault), path: Servers);
        _ = (await world.FailsAsync("$null = Get-RunCloudServer")).MustBe(id, category);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_server_that_cannot_be_connected_to_does_not_become_the_context(string fault, string id, ErrorCategory category)
    {
        if (id == "IncompleteList")
        {
            // What is answered there is no list.
            return;
        }

        await using var world = await StartAsync(connect: null);
        _ = world.Faults.Add(Named(fault), path: "/ping");
        var error = (await world.ThrowsAsync("Connect-RunCloud -Token $token -Endpoint $endpoint -MaximumRetryCount 0 -MaximumWaitSec 0")).MustBe(id, category);
        Assert.Equal(world.Api.Endpoint.OriginalString, error.TargetObject);
        Assert.Empty((await world.MustAsync("Get-RunCloudContext")).Output);
    }

    [Fact]
    public async Task The_message_is_the_apis_own()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Status(403, "Your plan does not have this."), path: Second);
        var error = Assert.Single((await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential")).Errors);
        Assert.Contains("403: Your plan does not have this.", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("quota", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("Your plan does not have this.", Assert.IsType<RunCloudException>(error.Exception).ApiMessage);
    }

    [Fact]
    public async Task A_spent_rate_limit_says_when_it_resets_and_what_else_it_may_be()
    {
        await using var world = await StartAsync(connect: "-MaximumWaitSec 1");
        _ = world.Faults.Add(Fault.TooManyRequests(RetryAfterForm.Seconds, TimeSpan.FromHours(1)), path: Servers);
        var error = (await world.FailsAsync("Get-RunCloudServer")).MustBe("RateLimited", ErrorCategory.LimitsExceeded);
        Assert.Matches("up until [0-9-]+ [0-9:]+ UTC", error.ToString());
        Assert.Contains("monthly quota", error.ToString(), StringComparison.Ordinal);
        Assert.NotNull(Assert.IsType<RunCloudException>(error.Exception).RetryAt);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task A_wait_that_is_longer_than_allowed_does_not_begin()
    {
        await using var world = await StartAsync(connect: "-MaximumWaitSec 30");
        _ = world.Faults.Add(Fault.TooManyRequests(RetryAfterForm.Seconds, TimeSpan.FromMinutes(10)), path: Servers);
        var error = await world.FailsAsync("Get-RunCloudServer").WaitAsync(TestContext.Current.CancellationToken);
        _ = error.MustBe("RateLimited", ErrorCategory.LimitsExceeded);
    }

    [Fact(Timeout = StopTests.Patience)]
    public async Task The_time_limit_is_the_one_that_was_given()
    {
        await using var world = await StartAsync(connect: "-MaximumRetryCount 0 -TimeoutSec 1");
        _ = world.Faults.Add(Fault.HangBefore(new Hang()), path: Servers);
        var error = await world.FailsAsync("Get-RunCloudServer").WaitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("1 second", error.MustBe("RequestTimeout", ErrorCategory.OperationTimeout).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_an_answer_ends_at_its_time_limit()
    {
        await using var world = await StartAsync();
        var time = new FakeTimeProvider();
        _ = world.AddVirtualContext(time, options => options with { MaximumRetryCount = 0, RequestTimeout = TimeSpan.FromSeconds(30) });
        var hang = new Hang();
        _ = world.Faults.Add(Fault.HangBefore(hang), path: Second);

        var run = world.Shell.Start("$VerbosePreference = 'Continue'; Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Context $virtual");
        await hang.ReachedAsync(cancellationToken: Token);
        await world.WhenShownAsync("GET /servers/101/ssh/credentials?page=1&perPage=40 200").WaitAsync(Token);
        await world.WhenShownAsync("GET /servers/103/ssh/credentials?page=1&perPage=40 200").WaitAsync(Token);
        time.Advance(TimeSpan.FromSeconds(30));
        var result = await run.Completion;

        var error = Assert.Single(result.Errors).MustBe("RequestTimeout", ErrorCategory.OperationTimeout);
        Assert.Contains("30 seconds", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(result.OutputOf<SshCredential>(), credential => credential.Id == 17);
    }

    [Theory]
    [InlineData("Get-RunCloudServer")]
    [InlineData("Get-RunCloudServer web-*")]
    [InlineData("Get-RunCloudServer -Id 101, 102")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101, 102, 103")]
    [InlineData("Get-RunCloudSshCredential -ServerId 101 -Id 17, 18")]
    [InlineData("$all | Remove-RunCloudSshCredential -Confirm:$false")]
    [InlineData("Remove-RunCloudSshCredential -ServerId 101 -Id 17, 18 -Confirm:$false")]
    [InlineData("Add-RunCloudSshCredential -ServerId 101, 102 -User root -Label new -PublicKey $key")]
    [InlineData("Get-RunCloudSshSession -ServerId 101, 102, 103")]
    [InlineData("Get-RunCloudSshSetting -ServerId 101, 102, 103")]
    [InlineData("Get-RunCloudSystemUser -ServerId 101, 102, 103")]
    [InlineData("Set-RunCloudSshSetting -ServerId 101, 102 -UseDns $true -Confirm:$false")]
    public async Task A_refused_token_ends_the_command(string script)
    {
        await using var world = await StartAsync();
        _ = await world.MustAsync("$all = Get-RunCloudServer | Get-RunCloudSshCredential");
        _ = world.Faults.Add(Fault.Unauthorized);
        var error = (await world.ThrowsAsync(script)).MustBe("Unauthorized", ErrorCategory.AuthenticationError);
        Assert.Contains("token", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("allow-list", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_at_once()
    {
        await using var world = await StartAsync(connect: null);
        world.Shell.SetVariable("token", World.Secret("wrong"));
        _ = (await world.ThrowsAsync("Connect-RunCloud -Token $token -Endpoint $endpoint")).MustBe("Unauthorized", ErrorCategory.AuthenticationError);
        _ = Assert.Single(world.Requests.All);
        Assert.Empty((await world.MustAsync("Get-RunCloudContext")).Output);
    }

    [Fact]
    public async Task A_token_refused_during_the_run_leaves_a_result_for_every_removal()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, method: "DELETE", where: request => !request.Matches("/servers/101/**"));
        var result = await world.RunAsync(
            "$all = Get-RunCloudServer | Get-RunCloudSshCredential; try { $all | Remove-RunCloudSshCredential -Confirm:$false -PassThru -ThrottleLimit 1 } catch { $_ }");

        var removals = result.Output.Select(item => item.BaseObject).OfType<SshCredentialRemoval>().ToList();
        Assert.Equal("Unauthorized", Assert.IsType<ErrorRecord>(result.Output[^1].BaseObject).Id());
        Assert.Equal([(17L, "Removed"), (18L, "Removed")], removals.Take(2).Select(removal => (removal.Id, removal.Status)));
        Assert.All(removals.Skip(2), removal => Assert.Equal("Failed", removal.Status));
        Assert.Equal([17, 18, 19, 20, 21, 22], removals.Select(removal => removal.Id));
        Assert.InRange(world.Requests.Changing.Count, 3, 6);
        Assert.Equal([19, 20, 21, 22], world.Fleet.Snapshot().Credentials.Select(credential => credential.Id));
    }

    [Fact]
    public async Task After_a_refused_token_nothing_more_begins_although_an_earlier_request_still_hangs()
    {
        await using var world = await StartAsync();
        var hang = new Hang();
        _ = world.Faults.Add(request => request.Method != "DELETE" ? null : request.Path.EndsWith("/17", StringComparison.Ordinal) ? Fault.HangBefore(hang) : Fault.Unauthorized);
        var run = world.Shell.Start(
            "$all = Get-RunCloudServer | Get-RunCloudSshCredential; try { $all | Remove-RunCloudSshCredential -Confirm:$false -PassThru -ThrottleLimit 2 -Verbose } catch { $_ }");

        // The client has heard of the refusal once it tells of it.
        await world.WhenShownAsync(" 401 ");
        hang.Release();

        var removals = (await run.Completion).Output.Select(item => item.BaseObject).OfType<SshCredentialRemoval>().ToList();
        Assert.Equal(2, world.Requests.Changing.Count);
        Assert.Equal([17, 18, 19, 20, 21, 22], removals.Select(removal => removal.Id));
        Assert.Equal(17, Assert.Single(removals, removal => removal.Status == "Removed").Id);
    }

    [Fact]
    public async Task Removals_that_were_not_read_back_are_reported_before_the_pipeline_ends()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Fault.Unauthorized, method: "DELETE", where: request => !request.Matches("/servers/101/**"));
        var result = await world.RunAsync(
            """
            $all = Get-RunCloudServer | Get-RunCloudSshCredential
            try {
                $all | ForEach-Object { if ($_.Id -eq 22) { throw 'the pipeline breaks' }; $_ } |
                    Remove-RunCloudSshCredential -Confirm:$false -PassThru -Verify -ThrottleLimit 1
            } catch { "$_" }
            """);

        Assert.Equal("the pipeline breaks", result.Output[^1].BaseObject);
        var removals = result.Output.Select(item => item.BaseObject).OfType<SshCredentialRemoval>().ToLookup(removal => removal.Id, removal => removal.Status);
        Assert.Equal(["Unconfirmed"], removals[17]);
        Assert.Equal(["Unconfirmed"], removals[18]);
        Assert.Equal(["Failed"], removals[19]);
        Assert.DoesNotContain(": Removed", result.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_error_by_id_and_by_exact_name_but_not_by_wildcard()
    {
        await using var world = await StartAsync();
        Assert.Equal(999L, (await world.FailsAsync("Get-RunCloudServer -Id 101, 999, 102 | Get-RunCloudSshCredential | Out-Null")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Equal("web-99", (await world.FailsAsync("Get-RunCloudServer web-01, web-99, x* | Out-Null")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Equal(999L, (await world.FailsAsync("Get-RunCloudSshCredential -ServerId 999")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Equal(999L, Assert.IsType<SshCredential>((await world.FailsAsync("Remove-RunCloudSshCredential -ServerId 999 -Id 1 -Confirm:$false")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject).ServerId);
        Assert.Equal(999L, (await world.FailsAsync("Add-RunCloudSshCredential -ServerId 999 -User root -Label x -PublicKey $key")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Empty((await world.MustAsync("Get-RunCloudServer x*, web-9?")).Output);
        Assert.Equal([101, 102], (await world.RunAsync("Get-RunCloudServer -Id 101, 999, 102")).OutputOf<Server>().Select(server => server.Id));
    }

    [Fact]
    public async Task A_missing_credential_is_an_error_when_read_but_not_when_removed()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync("Get-RunCloudSshCredential -ServerId 101 -Id 17, 999, 18");
        Assert.Equal(999L, Assert.Single(result.Errors).MustBe("SshCredentialNotFound", ErrorCategory.ObjectNotFound).TargetObject);
        Assert.Equal([17, 18], result.OutputOf<SshCredential>().Select(credential => credential.Id));

        var removal = Assert.Single((await world.MustAsync("Remove-RunCloudSshCredential -ServerId 101 -Id 999 -Confirm:$false -PassThru")).OutputOf<SshCredentialRemoval>());
        Assert.Equal((999, 101, "web-01", "AlreadyAbsent"), (removal.Id, removal.ServerId, removal.ServerName, removal.Status));

        _ = await world.MustAsync("$all = Get-RunCloudServer web-01 | Get-RunCloudSshCredential");
        _ = world.Fleet.RemoveCredential(101, 17);
        Assert.Equal(
            ["AlreadyAbsent", "Removed"],
            (await world.MustAsync("$all | Remove-RunCloudSshCredential -Confirm:$false -PassThru")).OutputOf<SshCredentialRemoval>().Select(one => one.Status));
    }

    [Fact]
    public async Task Values_that_the_api_refuses_are_named_with_their_fields_and_the_next_row_goes_on()
    {
        await using var world = await StartAsync();
        var result = await world.RunAsync("""
            'has space', 'dave', 'fine' | ForEach-Object { [pscustomobject]@{ ServerId = '101'; User = 'root'; Label = $_; PublicKey = $key } } |
                Add-RunCloudSshCredential -PassThru
            """);
        Assert.Equal(["fine"], result.OutputOf<SshCredential>().Select(credential => credential.Label));
        Assert.Equal(2, result.Errors.Count);
        Assert.All(result.Errors, error =>
        {
            Assert.Equal(101L, error.MustBe("ValidationFailed", ErrorCategory.InvalidArgument).TargetObject);
            Assert.Equal(["label"], Assert.IsType<RunCloudException>(error.Exception).FieldErrors.Keys);
            Assert.Contains("(label: ", error.ToString(), StringComparison.Ordinal);
        });
        Assert.Contains("has already been taken", result.Errors[1].ToString(), StringComparison.Ordinal);
        Assert.False(result.LastSucceeded);
    }

    [Fact]
    public async Task Without_a_connection_every_command_that_calls_the_api_ends()
    {
        await using var world = await StartAsync(connect: null);
        foreach (var script in (string[])["Get-RunCloudServer", "Get-RunCloudSshCredential -ServerId 1", "Remove-RunCloudSshCredential -ServerId 1 -Id 1", "Add-RunCloudSshCredential -ServerId 1 -User root -Label x -PublicKey $key", "Get-RunCloudSshSession -ServerId 1", "Get-RunCloudSshSetting -ServerId 1", "Get-RunCloudSystemUser -ServerId 1", "Set-RunCloudSshSetting -ServerId 1 -UseDns $true"])
        {
            var error = (await world.ThrowsAsync(script)).MustBe("NotConnected", ErrorCategory.ConnectionError);
            Assert.Contains("Connect-RunCloud", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.Contains("RUNCLOUD_API_TOKEN", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        Assert.Equal("nope", (await world.ThrowsAsync("Get-RunCloudServer -Context nope")).MustBe("NotConnected", ErrorCategory.ConnectionError).TargetObject);
        Assert.Empty(world.Requests.All);
    }

    [Theory]
    [InlineData("http://manage.example.test/api/v3", "InsecureEndpoint", ErrorCategory.SecurityError)]
    [InlineData("ftp://127.0.0.1/api/v3", "InvalidEndpoint", ErrorCategory.InvalidArgument)]
    [InlineData("manage.example.test/api/v3", "InvalidEndpoint", ErrorCategory.InvalidArgument)]
    [InlineData("https://somebody:secret@manage.example.test/api/v3", "InvalidEndpoint", ErrorCategory.InvalidArgument)]
    [InlineData("https://manage.example.test/api/v3?x=1", "InvalidEndpoint", ErrorCategory.InvalidArgument)]
    public async Task An_endpoint_that_the_token_must_not_go_to_is_refused(string endpoint, string id, ErrorCategory category)
    {
        await using var world = await StartAsync(connect: null);
        var error = (await world.ThrowsAsync($"Connect-RunCloud -Token $token -Endpoint '{endpoint}'")).MustBe(id, category);

        // A password in the address is shown nowhere, the target included.
        var hasPassword = endpoint.Contains("secret", StringComparison.Ordinal);
        Assert.Equal(!hasPassword, Equals(endpoint, error.TargetObject));
        Assert.DoesNotContain("secret", $"{error.TargetObject} {error.Exception} {error.ErrorDetails}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("straße")]
    public async Task A_token_that_cannot_be_one_is_refused_unsent_and_unshown(string text)
    {
        await using var world = await StartAsync(connect: null);
        world.Shell.SetVariable("bad", World.Secret(text));
        var error = (await world.ThrowsAsync("Connect-RunCloud -Token $bad -Endpoint $endpoint")).MustBe("InvalidToken", ErrorCategory.InvalidArgument);
        Assert.True(text.Length == 0 || !error.ToString().Contains(text, StringComparison.Ordinal));
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task Nobody_listening_is_a_failed_connection()
    {
        await using var world = await StartAsync(connect: null);
        using var unused = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        world.Shell.SetVariable("nobody", new Uri($"http://127.0.0.1:{((IPEndPoint)unused.LocalEndPoint!).Port}/api/v3"));
        var error = (await world.ThrowsAsync("Connect-RunCloud -Token $token -Endpoint $nobody -MaximumRetryCount 0")).MustBe("ConnectionFailed", ErrorCategory.ConnectionError);
        Assert.Contains("-Proxy", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anything_but_the_API_is_refused_as_an_endpoint()
    {
        await using var world = await StartAsync(connect: null);
        _ = world.Faults.Add(Fault.Body("{\"message\":\"hello\"}"), path: "/ping");
        _ = (await world.ThrowsAsync("Connect-RunCloud -Token $token -Endpoint $endpoint")).MustBe("InvalidResponse", ErrorCategory.ProtocolError);
    }

    [Fact]
    public async Task A_command_told_to_stop_at_errors_does()
    {
        await using var world = await StartAsync();
        _ = world.Faults.Add(Named("status 403"), path: "/servers/101/ssh/credentials");
        var result = await world.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential -ErrorAction Stop; 'it went on'");
        Assert.Empty(result.Output);
        Assert.Equal("Forbidden", Assert.IsType<ActionPreferenceStopException>(result.Terminating).ErrorRecord.Id());
    }

    private static Fault Named(string name) => Fault.Catalogue.First(fault => fault.Name == name);

    private static async Task<World> StartAsync(SimulatorOptions? options = null, string? connect = "-MaximumRetryCount 0 -MaximumWaitSec 0")
    {
        var world = await World.StartAsync(
            fleet =>
            {
                for (var server = 0; server < 3; server++)
                {
                    var id = fleet.AddServer($"web-0{server + 1}", id: 101 + server).Id;
                    _ = fleet.AddCredential(id, "root", "dave", World.Key(1), id: 17 + (2 * server));
                    _ = fleet.AddCredential(id, "root", "eve", World.Key(2), id: 18 + (2 * server));
                }
            },
            options,
            connect: connect);
        world.Shell.SetVariable("key", World.Key(9));
        world.Shell.SetVariable("key1", World.Key(1));
        return world;
    }
}
