using System.Text;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Access.AccessFleet;

namespace RunCloud.Api.Tests.Access;

/// <summary>What can be a baseline, and what it is compared with.</summary>
public sealed class BaselineTests
{
    private static readonly string Authority = "cert-authority " + Good;

    [Fact]
    public void A_baseline_has_what_the_report_had()
    {
        var content = Snapshot(new(), Server(1, Credential(1, 11, Good), Credential(1, 12, "no key")), new ServerReading(Online(2))).ToBytes();
        var baseline = Read(content)!;
        Assert.Equal(Digests.Sha256(content), baseline.Sha256);
        Assert.Equal([(1L, "web-1", true), (2L, "web-2", false)], baseline.Servers.Select(server => (server.Id, server.Name, server.IsRead)));
        Assert.Equal([("runcloud", "key-1", SshPublicKey.Parse(Good).Fingerprint), ("runcloud", "key-12", null)], baseline.Find(1)!.Entries.Select(entry => (entry.User, entry.Label, entry.Fingerprint)));
        Assert.Null(baseline.Find(3));
    }

    [Fact]
    public void A_credential_is_known_by_its_user_and_by_its_key_or_text()
    {
        var server = Baseline(Server(1, Credential(1, 11, Good), Credential(1, 12, Authority, "root"), Credential(1, 13, "no key"))).Find(1)!;
        Assert.True(Has("runcloud", Good));
        Assert.True(Has("runcloud", TestKeys.Line(SshKeyKind.Ed25519, 1, "another comment")));
        Assert.True(Has("root", Authority));
        Assert.True(Has("runcloud", "no key"));
        Assert.False(Has("root", Good));
        Assert.False(Has("runcloud", Authority));
        Assert.False(Has("runcloud", Other));
        Assert.False(Has("root", "no key"));
        Assert.False(Has("runcloud", "another text"));
        Assert.Equal(Api.Baseline.TextDigest(string.Empty), Api.Baseline.TextDigest(null));

        bool Has(string user, string line) => server.Has(Api.Baseline.Identity(user, SshPublicKey.TryParse(line, out var key) ? key : null, line));
    }

    [Fact]
    public void Nothing_is_new_or_gone_when_nothing_changed()
    {
        var servers = new[] { Server(1, Credential(1, 11, Good), Credential(1, 12, Authority, "root"), Credential(1, 13, "no key")), Server(2) };
        Assert.Empty(Drift(Baseline(servers), servers));
    }

    [Fact]
    public void A_key_that_moves_to_another_user_is_new_and_gone() =>
        Assert.Equal(
            ["High NewSinceBaseline root", "Info GoneSinceBaseline runcloud"],
            Drift(Baseline(Server(1, Credential(1, 11, Good))), Server(1, Credential(1, 11, Good, "root"))).Select(one => $"{one.Severity} {one.Rule} {one.User}"));

    [Fact]
    public void A_server_of_the_baseline_that_was_not_asked_for_is_not_gone()
    {
        var options = new AccessOptions { Baseline = Baseline(Server(1), Server(2)), Rules = [Rule("GoneSinceBaseline")] };
        Assert.Empty(AccessAudit.Find(new AccessFacts([Server(1)], options, hasListedAll: false, isListComplete: true, Now)));
        Assert.Equal([2L], AccessAudit.Find(new AccessFacts([Server(1)], options, hasListedAll: true, isListComplete: true, Now)).Select(one => one.ServerId));
    }

    [Fact]
    public void Without_a_baseline_nothing_is_compared() =>
        Assert.Empty(Find(new() { Rules = [Rule("NewSinceBaseline"), Rule("GoneSinceBaseline")] }, Server(1, Credential(1, 11, Good))));

    [Theory]
    [InlineData("Blocked", "BlockedKey")]
    [InlineData("NotAllowed", "AllowedKey")]
    [InlineData("NewSinceBaseline", "Baseline")]
    [InlineData("GoneSinceBaseline", "Baseline")]
    [InlineData("OldKey", null)]
    [InlineData("ServerNotRead", null)]
    public void A_rule_says_which_parameter_it_needs(string rule, string? parameter)
    {
        Assert.Equal(parameter, Rule(rule).MissingParameter(new()));
        Assert.Null(Rule(rule).MissingParameter(Lists with { Baseline = Baseline(Server(1)) }));
    }

    [Theory]
    [InlineData("kind", null, "is not a report of Test-RunCloudSshAccess")]
    [InlineData("run", null, "is not a report of Test-RunCloudSshAccess")]
    [InlineData("scope", null, "is not a report of Test-RunCloudSshAccess")]
    [InlineData("kind", "\"revocation\"", "is a report of another kind ('revocation')")]
    [InlineData("version", "2", "was written by a newer version of this module (version 2 of the format; this one reads 1)")]
    [InlineData("version", "0", "has version 0 of the format, which does not exist")]
    [InlineData("servers", "null", "is damaged: a list is missing")]
    [InlineData("keys", "null", "is damaged: a list is missing")]
    [InlineData("keys", "[]", "is damaged: it contains keys that cannot be read")]
    [InlineData("keys", "[null]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[null]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":null}]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[null]}]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[{\"id\":1,\"key\":-1}]}]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[{\"id\":1,\"key\":1}]}]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[{\"id\":1}]}]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[]},{\"id\":1,\"credentials\":[]}]", "is damaged: it contains a server twice")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[]},{\"id\":1,\"credentials\":[]},{\"id\":2,\"credentials\":[]}]", "is damaged: it contains a server twice")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[]},null]", "is damaged: it contains keys that cannot be read")]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[]},{\"id\":2,\"credentials\":[]}]", null)]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[{\"id\":1,\"key\":0}]}]", null)]
    [InlineData("servers", "[{\"id\":1,\"credentials\":[{\"id\":1,\"textSha256\":\"00\"}]}]", null)]
    [InlineData("servers", "7", "is not a report of Test-RunCloudSshAccess, or is damaged")]
    public void A_report_that_was_changed_is_no_baseline_and_says_why(string member, string? value, string? problem)
    {
        var json = JsonNode.Parse(Snapshot(new(), Server(1, Credential(1, 11, Good))).ToBytes())!.AsObject();
        _ = json.Remove(member);
        if (value is not null)
        {
            json[member] = JsonNode.Parse(value);
        }

        var read = Api.Baseline.Read(Encoding.UTF8.GetBytes(json.ToJsonString()), Endpoint, out var found);
        Assert.Equal(problem, found);
        Assert.Equal(problem is null, read is not null);
    }

    [Fact]
    public void The_endpoint_is_compared_without_case()
    {
        var content = Snapshot(new(), Server(1)).ToBytes();
        Assert.NotNull(Api.Baseline.Read(content, new Uri("https://manage.runcloud.io/API/V3"), out _));
        Assert.Null(Api.Baseline.Read(content, new Uri("https://manage.runcloud.io/api/v4"), out var problem));
        Assert.Equal("comes from another API, https://manage.runcloud.io/api/v3", problem);
    }

    [Theory]
    [InlineData("{\"kind\":\"revocation\"", "is not a report of Test-RunCloudSshAccess, or is damaged")]
    [InlineData("{\"kind\":\"revocation\",\"servers\":7}", "is a report of another kind ('revocation')")]
    [InlineData("{\"kind\":\"access\",\"servers\":7}", "is not a report of Test-RunCloudSshAccess, or is damaged")]
    [InlineData("{\"kind\":7,\"servers\":7}", "is not a report of Test-RunCloudSshAccess, or is damaged")]
    [InlineData("{\"servers\":7}", "is not a report of Test-RunCloudSshAccess, or is damaged")]
    public void A_file_of_another_kind_is_named_even_if_it_cannot_be_read(string content, string problem)
    {
        Assert.Null(Api.Baseline.Read(Encoding.UTF8.GetBytes(content), Endpoint, out var found));
        Assert.Equal(problem, found);
    }

    [Fact]
    public void A_byte_order_mark_is_no_damage() =>
        Assert.NotNull(Read([.. Encoding.UTF8.Preamble, .. Snapshot(new(), Server(1)).ToBytes()]));

    private static Baseline? Read(byte[] content) => Api.Baseline.Read(content, Endpoint, out _);
}
