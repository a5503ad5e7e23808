using System.Management.Automation;
using System.Text;
using RunCloud.Api;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>Hostile answers: headers, and names of servers, users, labels and comments.</summary>
public sealed class FuzzAnswerTests
{
    private static readonly HashSet<string> OurIds =
        [.. Enum.GetNames<RunCloudError>(), .. MarkdownCode.ErrorIds("README.md", "When something goes wrong")];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "1.5", "1e9", "NaN", "Infinity", "9223372036854775808", "99999999999999999999999999", "0x10", "1,2", " 1 ", "", "x", "1777777777", "99999999999", "+1", "Wed, 21 Oct 2015 07:28:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "2026-11-25T14:00:00Z", "Wed, 99 Foo 2026 99:99:99 GMT",
    ];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Retry-After", Numbers), ("X-RateLimit-Limit", Numbers), ("X-RateLimit-Remaining", Numbers), ("X-RateLimit-Reset", Numbers), ("Date", Numbers), ("Age", Numbers),
        ("Location", ["", "//", "http://[", "javascript:x", "/api/v3/servers", "file:///etc/passwd"]), ("Content-Encoding", ["x", "gzip", "br", "gzip, gzip", ""]), ("Content-Language", ["<script>", "{0}"]),
        ("Content-Type", ["", "x", "application/json; charset=utf-7", "application/json; charset=nope", "text/html", "multipart/x; boundary=", "application/json; charset=\"", "application/json; charset=utf-16"]),
        ("Link", ["<x>; rel=next"]), ("Set-Cookie", ["a=b; Expires=never"]), ("WWW-Authenticate", ["Basic realm=\"x\"", "Negotiate", "Bearer"]), ("Proxy-Authenticate", ["Basic", "NTLM"]), ("cf-mitigated", ["challenge", ""]),
        ("X-Powered-By", [new string('x', 10_000)]),
    ];

    [Theory]
    [InlineData(200)]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(403)]
    [InlineData(302)]
    public async Task No_header_does_harm(int status)
    {
        await using var world = await World.StartAsync(fleet => fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17), connect: null);
        Assert.False(TestContext.Current.CancellationToken.IsCancellationRequested);
        foreach (var (name, values) in Headers)
        {
            foreach (var value in values)
            {
                var time = new EagerTime(Fleet.Epoch);
                _ = world.AddVirtualContext(time.Client, options => options with { MaximumRetryCount = 1, MaximumWait = TimeSpan.FromSeconds(30) });
                var rule = world.Faults.Add(
                    Fault.Answering("header", answer => (status == 200 ? answer : Answer.Message(status, "No.")) is var told && name == "Content-Type" ? told with { ContentType = value } : told.With(name, value)), times: 3);
                var result = await world.RunAsync("try { Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Context $virtual } catch { $_ }");
                _ = world.Faults.Remove(rule);
                Assert.NotEqual(0, rule.Struck);
                Check($"{status} {name}: {value[..Math.Min(value.Length, 60)]}", result);
            }
        }
    }

    [Fact]
    public async Task No_name_of_the_workspace_does_harm()
    {
        Assert.False(TestContext.Current.CancellationToken.IsCancellationRequested);
        using var folder = new TemporaryFolder();
        var number = 0;
        foreach (var hostile in Hostile.Names)
        {
            await using var world = await World.StartAsync(fleet =>
            {
                _ = fleet.AddCredential(fleet.AddServer("web~Q1~", id: 101).Id, "root~Q2~", "dave~Q3~", World.Key(1, "dave~Q4~"), id: 17);
                _ = fleet.AddCredential(101, "root", "eve", World.Key(2), id: 21);
            });
            var raw = Encoding.UTF8.GetBytes(hostile);
            _ = world.Faults.Add(Fault.Answering("names", answer => answer with { Body = Encoding.UTF8.GetBytes(Marks(Encoding.UTF8.GetString(answer.Body.Span), hostile)) }));
            world.Shell.SetVariable("key", World.Key(1));
            world.Shell.SetVariable("new", World.Key(9));
            var undo = Path.Combine(folder.Path, $"{++number}.xml");
            var report = Path.Combine(folder.Path, $"{number}.json");
            var result = await world.RunAsync($$"""
                try {
                    $all = Get-RunCloudServer | Get-RunCloudSshCredential
                    $text = $all | ForEach-Object { "$_" }
                    Revoke-RunCloudSshKey -Key $key -WhatIf | ForEach-Object { "$_" }
                    Revoke-RunCloudSshKey -Key $key -Confirm:$false -UndoPath '{{undo}}' -ReportPath '{{report}}' | ForEach-Object { "$_" }
                } catch { $_ }
                """);
            var what = string.Join(' ', raw.Take(20).Select(one => one.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
            Check(what, result);

            // A line end in the comment turns the key into two lines. That is not a key, and an error says so.
            var isKept = world.Fleet.Snapshot().Credentials.Any(credential => credential.Id == 17);
            Assert.True(!isKept || result.Errors.Any(error => error.Id() == "SshCredentialNotComparable"), $"{what}: {string.Join(" / ", result.Errors.Concat(result.Output.Select(item => item?.BaseObject).OfType<ErrorRecord>()).Select(error => $"{error.Id()} {error}"))} / {result.Output.Count}");
            Assert.Contains(world.Fleet.Snapshot().Credentials, credential => credential.Id == 21);
            Assert.True(File.Exists(report), what);
            using var parsed = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken));
            Assert.Single(parsed.RootElement.GetProperty("servers").EnumerateArray());
            Assert.True(isKept != File.Exists(undo), what);
            if (!isKept)
            {
                Assert.Single(PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(undo, TestContext.Current.CancellationToken)));
            }

            Assert.DoesNotContain(result.Warnings.Concat(result.Verbose).Append(result.Screen), text => text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')));
        }
    }

    /// <summary>The marks Q1 to Q4 of an answer's JSON replaced by a text, written with escapes, so that lone surrogates arrive too.</summary>
    private static string Marks(string json, string hostile)
    {
        var escaped = string.Concat(hostile.Select(c => $"\\u{(int)c:x4}"));
        return new[] { "~Q1~", "~Q2~", "~Q3~", "~Q4~" }.Aggregate(json, (text, mark) => text.Replace(mark, escaped, StringComparison.Ordinal));
    }

    private static void Check(string what, ShellResult result)
    {
        Assert.True(result.Terminating is null, $"{what}: {result.Terminating}");
        foreach (var error in result.Errors.Concat(result.Output.Select(item => item?.BaseObject).OfType<ErrorRecord>()))
        {
            Assert.True(OurIds.Contains(error.Id()), $"{what}: {error.FullyQualifiedErrorId}: {error.Exception}");
            Assert.False(error.ToString().Any(char.IsControl), $"{what}: {error}");
        }
    }
}
