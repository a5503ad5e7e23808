using System.Text;
using System.Text.Json;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Access.AccessFleet;

namespace RunCloud.Api.Tests.Access;

/// <summary>Each rule of the audit, with a fleet that violates it once and one that does not.</summary>
public sealed class AccessRuleTests
{
    [Fact]
    public void A_clean_fleet_has_no_finding() => Assert.Empty(Find(Lists, Server(1, Credential(1, 11, Good)), Server(2)));

    [Theory]
    [InlineData("Blocked", "Critical", "runcloud", SshKeyKind.Ed25519, 9L, "")]
    [InlineData("NotAllowed", "High", "runcloud", SshKeyKind.Ed25519, 5L, "")]
    [InlineData("CertificateAuthority", "High", "runcloud", SshKeyKind.Ed25519, 5L, "cert-authority ")]
    [InlineData("WeakKey", "High", "runcloud", SshKeyKind.Dsa, 5L, "")]
    [InlineData("WeakKey", "Low", "runcloud", SshKeyKind.Rsa2048, 5L, "")]
    [InlineData("RootKey", "Medium", "root", SshKeyKind.Ed25519, 5L, "")]
    public void A_key_that_breaks_a_rule_is_one_finding_of_that_severity(string rule, string severity, string user, SshKeyKind kind, long seed, string options)
    {
        var finding = Assert.Single(Find(Lists with { Rules = [Rule(rule)] }, Server(1, Credential(1, 11, Good), Credential(1, 12, options + TestKeys.Line(kind, seed), user))));
        Assert.Equal((rule, severity, 12L), (finding.Rule, finding.Severity, finding.Credential?.Id));
        Assert.StartsWith($"'key-12' of {user} (id 12, {finding.Fingerprint}) on web-1 (id 1) ", finding.Message, StringComparison.Ordinal);
        Assert.NotEmpty(finding.Advice);
    }

    [Fact]
    public void A_key_of_root_is_only_information_when_root_login_is_closed() =>
        Assert.Equal("Info", Assert.Single(Find(new() { Rules = [Rule("RootKey")] }, Server(1, isRootClosed: true, credentials: [Credential(1, 11, Good, "root")]))).Severity);

    [Theory]
    [InlineData(3071, false, "Low")]
    [InlineData(3072, false, null)]
    [InlineData(2048, true, "Low")]
    public void An_RSA_key_is_weak_below_3072_bits(int bits, bool isCertificate, string? severity)
    {
        _ = bits;
        var kind = isCertificate ? SshKeyKind.RsaCertificate : bits < 3072 ? SshKeyKind.Rsa2048 : SshKeyKind.Rsa3072;
        Assert.Equal(severity, Find(new() { Rules = [Rule("WeakKey")] }, Server(1, Credential(1, 11, TestKeys.Line(kind, 3)))).SingleOrDefault()?.Severity);
    }

    [Fact]
    public void A_line_of_an_authority_is_allowed_only_by_one_and_allows_no_login_key()
    {
        var options = new AccessOptions { Allowed = List("cert-authority " + Good), Rules = [Rule("NotAllowed"), Rule("CertificateAuthority")] };
        Assert.Empty(Find(options, Server(1, Credential(1, 11, "cert-authority " + Good))));
        Assert.Equal("NotAllowed", Assert.Single(Find(options, Server(1, Credential(1, 11, Good)))).Rule);
        Assert.Equal("CertificateAuthority", Assert.Single(Find(options with { Allowed = List(Good) }, Server(1, Credential(1, 11, "cert-authority " + Good)))).Rule);
    }

    [Fact]
    public void A_deployment_key_of_any_server_is_found_as_a_login_key_elsewhere()
    {
        var holder = new ServerReading(new Server(2, "web-2") { Online = true, Connected = true }) { ReadAt = Now, Users = [new SystemUser(2, 21, Good) { User = "deploy" }] };
        var finding = Assert.Single(Find(new() { Rules = [Rule("DeploymentKeyIsLoginKey")] }, Server(1, Credential(1, 11, Good), Credential(1, 12, Other)), holder));
        Assert.Equal(("High", 11L), (finding.Severity, finding.Credential?.Id));
    }

    [Theory]
    [InlineData(false, true, "PasswordLogin Medium")]
    [InlineData(false, false, "PasswordLogin High, RootLogin Medium")]
    [InlineData(true, false, "RootLogin Medium")]
    [InlineData(true, true, "")]
    [InlineData(null, true, "ServerNotRead High")]
    [InlineData(false, null, "ServerNotRead High, PasswordLogin Medium")]
    public void The_settings_of_a_server_are_checked(bool? passwordless, bool? isRootClosed, string expected)
    {
        var server = new ServerReading(new Server(1, "web-1") { Online = true, Connected = true })
        {
            ReadAt = Now,
            Setting = new SshSetting(1) { PasswordlessLogin = passwordless, PreventRootLogin = isRootClosed },
        };
        Assert.Equal(expected, string.Join(", ", Find(new(), server).Select(finding => $"{finding.Rule} {finding.Severity}")));
    }

    [Theory]
    [InlineData(false, "Medium")]
    [InlineData(true, "High")]
    public void An_unreadable_key_is_more_severe_when_a_list_is_given(bool hasList, string severity)
    {
        var options = new AccessOptions { Allowed = hasList ? List(Good) : null };
        var finding = Assert.Single(Find(options, Server(1, Credential(1, 12, "no key"))));
        Assert.Equal(("Unreadable", severity, null), (finding.Rule, finding.Severity, finding.Fingerprint));
    }

    [Fact]
    public void A_key_whose_comments_name_two_people_is_shared_unless_the_list_names_it()
    {
        var fleet = new[] { Server(1, Credential(1, 11, Good)), Server(2, Credential(2, 12, TestKeys.Line(SshKeyKind.Ed25519, 1, "bob@x"))), Server(3, Credential(3, 13, TestKeys.Line(SshKeyKind.Ed25519, 1, "ALICE@y"))) };
        Assert.Equal("Low", Assert.Single(Find(new() { Rules = [Rule("SharedKey")] }, fleet)).Severity);
        Assert.Empty(Find(new() { Rules = [Rule("SharedKey")], Allowed = List(Good) }, fleet));
        foreach (var nobody in (string[])["root@x", "runcloud@y", "rsa-key-20240101", "RSA-KEY-20240101", "imported-openssh-key", "ubuntu"])
        {
            Assert.Empty(Find(new() { Rules = [Rule("SharedKey")] }, fleet[0], Server(2, Credential(2, 12, TestKeys.Line(SshKeyKind.Ed25519, 1, nobody)))));
        }
    }

    [Fact]
    public void The_age_of_a_key_is_that_of_its_record_and_a_missing_date_is_reported()
    {
        var old = Credential(1, 11, Good, addedAt: Now.AddDays(-366));
        var young = Credential(1, 12, Other, addedAt: Now.AddDays(-365));
        Assert.Equal([("OldKey", "Low", 11L)], Find(new(), Server(1, old, young)).Select(one => (one.Rule, one.Severity, one.Credential!.Id)));
        var undated = new SshCredential(1, 13, Good) { ServerName = "web-1", User = "runcloud", Label = "key-13" };
        Assert.Equal(("UnknownAge", "Info"), Find(new(), Server(1, undated)).Select(one => (one.Rule, one.Severity)).Single());
    }

    [Theory]
    [InlineData(false, "Low")]
    [InlineData(null, "Low")]
    [InlineData(true, null)]
    public void A_server_that_is_not_clearly_online_is_reported(bool? online, string? severity) =>
        Assert.Equal(severity, Find(new(), new ServerReading(new Server(1, "web-1") { Online = online, Connected = true }) { ReadAt = Now, Setting = Closed }).SingleOrDefault()?.Severity);

    [Fact]
    public void A_list_that_was_not_read_is_high_and_what_was_seen_of_it_is_still_checked()
    {
        var failure = new RunCloudException(RunCloudError.IncompleteList, "The list did not add up.");
        var server = new ServerReading(new Server(1, "web-1") { Online = true, Connected = true }) { Failure = failure, Credentials = [Credential(1, 11, Other)], Setting = Closed };
        Assert.Equal(["NotAllowed", "ServerNotRead"], Find(Lists, server).Select(finding => finding.Rule).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Drift_goes_by_server_user_and_key_and_not_by_ids()
    {
        var before = Baseline(Server(1, Credential(1, 11, Good), Credential(1, 12, Other)), Server(2), Server(4));
        var findings = Drift(before, Server(1, Credential(1, 99, Good), Credential(1, 13, TestKeys.Line(SshKeyKind.Ed25519, 3), "root")), Server(2), Server(3, Credential(3, 31, Good)));
        Assert.Equal(
            ["High NewSinceBaseline 1 root", "Info GoneSinceBaseline 1 runcloud", "Info GoneSinceBaseline 4 ", "Medium NewSinceBaseline 3 "],
            findings.Select(one => $"{one.Severity} {one.Rule} {one.ServerId} {one.User}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_most_severe_findings_come_first()
    {
        var unread = new ServerReading(new Server(2, "web-2") { Online = true, Connected = true }) { Failure = new RunCloudException(RunCloudError.ServerError, "It failed.") };
        Assert.Equal(
            ["High ServerNotRead", "Medium RootLogin", "Medium RootKey", "Low WeakKey"],
            Find(new(), Server(1, Credential(1, 11, TestKeys.Line(SshKeyKind.Rsa2048, 3), "root")), unread).Select(one => $"{one.Severity} {one.Rule}"));
    }

    [Fact]
    public void A_server_of_the_baseline_is_gone_only_where_all_servers_were_listed()
    {
        var options = new AccessOptions { Baseline = Baseline(Server(1), Server(2)), Rules = [Rule("GoneSinceBaseline")] };
        foreach (var hasListedAll in (bool[])[true, false])
        {
            var findings = AccessAudit.Find(new AccessFacts([Server(1)], options, hasListedAll, isListComplete: true, Now));
            Assert.Equal(hasListedAll ? [2L] : [], findings.Select(one => one.ServerId!.Value));
        }
    }

    [Fact]
    public void A_line_of_an_authority_that_was_there_is_neither_new_nor_gone()
    {
        var server = Server(1, Credential(1, 11, "cert-authority " + Good));
        Assert.Empty(Drift(Baseline(server), server));
    }

    [Fact]
    public void A_key_that_becomes_that_of_an_authority_is_new() =>
        Assert.Contains(Drift(Baseline(Server(1, Credential(1, 11, Good))), Server(1, Credential(1, 11, "cert-authority " + Good))), one => one.Rule == "NewSinceBaseline");

    [Fact]
    public void A_server_not_read_then_or_now_is_neither_new_nor_gone()
    {
        var unread = new ServerReading(new Server(1, "web-1") { Online = true, Connected = true }) { Failure = new RunCloudException(RunCloudError.ServerError, "It failed.") };
        Assert.Empty(Drift(Baseline(Server(1, Credential(1, 11, Good))), unread));
        Assert.Empty(Drift(Baseline(unread), Server(1, Credential(1, 11, Good))));
    }

    [Theory]
    [InlineData("", "damaged")]
    [InlineData("[]", "damaged")]
    [InlineData("{}", "not a report")]
    [InlineData("null", "not a report")]
    public void A_file_that_is_not_a_snapshot_is_not_a_baseline(string content, string reason)
    {
        Assert.Null(RunCloud.Api.Baseline.Read(Encoding.UTF8.GetBytes(content), Endpoint, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_utf_8_is_not_a_baseline()
    {
        var content = Snapshot(new(), Server(1, Credential(1, 11, Good))).ToBytes();
        content[content.AsSpan().IndexOf("access\""u8)] = 0xAE;
        Assert.Null(RunCloud.Api.Baseline.Read(content, Endpoint, out var problem));
        Assert.Contains("damaged", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"kind\": \"access\"", "\"kind\": \"revocation\"", "another kind")]
    [InlineData("\"version\": 1", "\"version\": 2", "newer version")]
    [InlineData("\"version\": 1", "\"version\": 0", "does not exist")]
    [InlineData("manage.runcloud.io", "example.com", "another API")]
    [InlineData("\"publicKey\": \"ssh-", "\"publicKey\": \"x-", "damaged")]
    [InlineData("\"key\": 0", "\"key\": 7", "damaged")]
    [InlineData("\"keys\": [", "\"keyz\": [", "a list is missing")]
    [InlineData("\"servers\": [", "\"server\": [", "a list is missing")]
    public void A_snapshot_that_does_not_match_is_not_a_baseline(string from, string to, string reason)
    {
        var text = Encoding.UTF8.GetString(Snapshot(new(), Server(1, Credential(1, 11, Good))).ToBytes());
        Assert.Contains(from, text, StringComparison.Ordinal);
        Assert.Null(RunCloud.Api.Baseline.Read(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)), Endpoint, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_that_has_a_server_twice_is_not_a_baseline()
    {
        var text = Encoding.UTF8.GetString(Snapshot(new(), Server(1), Server(2)).ToBytes()).Replace("\"id\": 2,", "\"id\": 1,", StringComparison.Ordinal);
        Assert.Null(RunCloud.Api.Baseline.Read(Encoding.UTF8.GetBytes(text), Endpoint, out var problem));
        Assert.Equal("is damaged: it contains a server twice", problem);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public void Five_people_who_share_a_key_are_named_and_more_are_told_as_more(int people, bool hasMore)
    {
        var copies = Enumerable.Range(1, people).Select(i => Credential(1, 20 + i, TestKeys.Line(SshKeyKind.Ed25519, 1, $"p{i}@x"))).ToArray();
        var message = Assert.Single(Find(new() { Rules = [Rule("SharedKey")] }, Server(1, copies))).Message;
        Assert.EndsWith(hasMore ? "p1, p2, p3, p4, p5, …." : "p1, p2, p3, p4, p5.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_page_knows_whether_there_is_a_list_of_allowed_keys(bool hasList)
    {
        var page = Encoding.UTF8.GetString(AccessPage.ToBytes(Snapshot(hasList ? Lists : new(), Server(1, Credential(1, 11, Good)))));
        Assert.Contains(hasList ? "\"hasList\":true" : "\"hasList\":false", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_comes_from_the_list_then_the_comments_then_the_label()
    {
        var bare = TestKeys.Line(SshKeyKind.Ed25519, 1);
        Assert.Equal(("Alice", Person.FromList), Who(new() { Allowed = List(bare + " Alice") }, Good));
        Assert.Equal(("alice@ops", Person.FromComment), Who(new() { Allowed = List(bare) }, Good));
        Assert.Equal(("key", Person.FromLabel), Who(new(), bare));

        static (string, string) Who(AccessOptions options, string line)
        {
            var person = Assert.Single(Facts(options, Server(1, Credential(1, 11, line))).Keys.All).Person;
            return (person.Name, person.Source);
        }
    }

    [Fact]
    public void Of_two_comments_that_are_as_frequent_the_first_by_name_is_the_person()
    {
        var copies = new[] { "zoe@a", "amy@b" }.Select((comment, i) => Credential(1, 21 + i, TestKeys.Line(SshKeyKind.Ed25519, 1, comment)));
        Assert.Equal("amy@b", Assert.Single(Facts(new(), Server(1, [.. copies])).Keys.All).Person.Name);
    }

    [Fact]
    public void The_digest_of_a_list_depends_on_its_keys_and_not_on_their_order()
    {
        var (good, other) = (SshKeySelector.Parse(Good), SshKeySelector.Parse(Other));
        Assert.Equal(new KeyList([good, other]).Sha256, new KeyList([other, good, other]).Sha256);
        Assert.NotEqual(new KeyList([good, other]).Sha256, new KeyList([good]).Sha256);
        Assert.NotEqual(new KeyList([good]).Sha256, List("cert-authority " + Good).Sha256);
    }

    [Fact]
    public void A_table_tells_no_keys_from_keys_that_were_not_read()
    {
        var failure = new RunCloudException(RunCloudError.IncompleteList, "The list did not add up.");
        var asked = new Server(2, "web-2") { Online = true, Connected = true };
        var table = Table(Server(1), new ServerReading(asked), new ServerReading(asked) { Failure = failure, Credentials = [Credential(2, 12, Good)] });
        Assert.Equal(["no keys", "keys not asked for", "NOT READ: The list did not add up.", ""], table);

        static IEnumerable<string> Table(params ServerReading[] servers) => servers
            .SelectMany(server => Encoding.UTF8.GetString(AccessTable.ToBytes(Facts(new(), server), [])).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1))
            .Select(row => row.Split("\",\"")[14]);
    }

    [Fact]
    public void A_snapshot_says_why_the_users_or_the_settings_of_a_server_were_not_read()
    {
        var (users, settings) = (new RunCloudException(RunCloudError.ServerError, "No users."), new RunCloudException(RunCloudError.ServerError, "No settings."));
        var entry = Assert.Single(Snapshot(new(), new ServerReading(new Server(1, "web-1")) { ReadAt = Now, UsersFailure = users, SettingFailure = settings }).Servers);
        Assert.Equal(("No users.", "No settings."), (entry.Error, entry.SettingsError));
    }

    [Fact]
    public void No_text_of_a_server_becomes_markup_and_the_page_allows_nothing_but_its_own_script()
    {
        const string Hostile = "</script><script>alert(1)</script>&\u2028\u202E";
        var page = Encoding.UTF8.GetString(AccessPage.ToBytes(Snapshot(new(), Server(1, new SshCredential(1, 11, Good) { User = Hostile, Label = Hostile, ServerName = Hostile }))));
        Assert.DoesNotContain("alert(1)</script>", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("</script>").Length - 1);
        Assert.DoesNotContain('\u2028', page);
        Assert.Contains("default-src 'none'; style-src 'sha256-", page, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", page, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("  @x", "'  @x")]
    [InlineData("\uFF1D1", "'\uFF1D1")]
    [InlineData("dave", "dave")]
    public void No_cell_of_a_table_is_a_formula(string given, string expected) => Assert.Equal(expected, CsvText.Text(given));

    [Fact]
    public void A_snapshot_states_its_scope()
    {
        using var document = JsonDocument.Parse(Snapshot(Lists, Server(1, Credential(1, 11, Good), Credential(1, 12, "no key")), Server(2)).ToBytes());
        var scope = document.RootElement.GetProperty("scope");
        Assert.Equal((2, 2, 2, 1), (scope.GetProperty("asked").GetInt32(), scope.GetProperty("serversRead").GetInt32(), scope.GetProperty("credentials").GetInt32(), scope.GetProperty("keys").GetInt32()));
        var unreadable = document.RootElement.GetProperty("servers")[0].GetProperty("credentials")[1];
        Assert.Equal(JsonValueKind.Null, unreadable.GetProperty("key").ValueKind);
        Assert.Equal(64, unreadable.GetProperty("textSha256").GetString()!.Length);
    }
}
