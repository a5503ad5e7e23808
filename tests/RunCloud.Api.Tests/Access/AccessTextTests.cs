using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Access.AccessFleet;

namespace RunCloud.Api.Tests.Access;

/// <summary>What each finding says, and what it advises.</summary>
public sealed class AccessTextTests
{
    private const string InRevoke = "Revoke-RunCloudSshKey -Key '{0}' -WhatIf";
    private const string InUpdate = "Update-RunCloudSshKey -Key '{0}' -NewPublicKey <path of the new .pub file> -WhatIf";

    [Theory]
    [InlineData("Blocked", "is on the -BlockedKey list.", "Revoke it: " + InRevoke, SshKeyKind.Ed25519, 9L)]
    [InlineData("NotAllowed", "is not on the -AllowedKey list.", "Add its line to the list, or revoke it: " + InRevoke)]
    [InlineData("CertificateAuthority", "has the option cert-authority: it lets in every certificate that this key signs.", "Remove it unless you run that authority: " + InRevoke, SshKeyKind.Ed25519, 5L, "runcloud", "cert-authority ")]
    [InlineData("WeakKey", "is a weak key: RSA with 2048 bits.", "Replace it: " + InUpdate, SshKeyKind.Rsa2048)]
    [InlineData("WeakKey", "is a weak key: DSA with 1024 bits.", "Replace it: " + InUpdate, SshKeyKind.Dsa)]
    [InlineData("RootKey", "lets in root.", "Remove it from root: Revoke-RunCloudSshKey -Key '{0}' -User root -WhatIf", SshKeyKind.Ed25519, 5L, "root")]
    [InlineData("OldKey", "was added on 2025-11-24, more than 365 days ago.", "Replace it by a new key: " + InUpdate)]
    [InlineData("Unreadable", "has a public key that cannot be read, so it is not known who can log in with it.", "Look at it in the RunCloud dashboard, or remove it by its ids: Remove-RunCloudSshCredential -ServerId 3 -Id 12 -WhatIf", SshKeyKind.Ed25519, 0L)]
    public void A_finding_about_a_credential_names_it_and_says_what_to_type(
        string rule, string message, string advice, SshKeyKind kind = SshKeyKind.Ed25519, long seed = 5, string user = "runcloud", string options = "")
    {
        var credential = Credential(3, 12, seed == 0 ? "no key" : options + TestKeys.Line(kind, seed), user, addedAt: Now.AddDays(-366));
        var finding = Assert.Single(Find(Lists with { Rules = [Rule(rule)] }, Server(3, isRootClosed: false, [credential])));
        Assert.Equal($"{credential} {message}", finding.Message);
        Assert.Equal(advice.Replace("{0}", credential.Fingerprint, StringComparison.Ordinal), finding.Advice);
        Assert.Equal((rule, 3L, "web-3", user, "key-12", credential.Fingerprint), (finding.Rule, finding.ServerId, finding.ServerName, finding.User, finding.Label, finding.Fingerprint));
        Assert.Same(credential, finding.Credential);
        Assert.Equal(seed == 0 ? null : 0, finding.KeyIndex);
        Assert.Equal($"{finding.Severity} {rule}: {finding.Message}", finding.ToString());
    }

    [Fact]
    public void A_key_of_root_says_when_root_login_is_closed()
    {
        var credential = Credential(1, 12, Good, "root");
        Assert.Equal($"{credential} is a key of root, but root login is closed there.", Assert.Single(Find(new() { Rules = [Rule("RootKey")] }, Server(1, isRootClosed: true, [credential]))).Message);
        Assert.Empty(Find(new() { Rules = [Rule("RootKey")] }, Server(1, isRootClosed: false, [Credential(1, 12, Good, "ROOT")])));
    }

    [Fact]
    public void A_key_without_a_date_points_at_the_dashboard()
    {
        var credential = new SshCredential(1, 12, Good);
        var finding = Assert.Single(Find(new() { Rules = [Rule("UnknownAge")] }, Server(1, credential)));
        Assert.Equal(($"{credential} has no date: RunCloud does not say when it was added.", "See it in the RunCloud dashboard."), (finding.Message, finding.Advice));
    }

    [Theory]
    [InlineData(1, "deploy (id 21) on web-2 (id 2)")]
    [InlineData(2, "deploy (id 21) on web-2 (id 2) and 1 more")]
    [InlineData(3, "deploy (id 21) on web-2 (id 2) and 2 more")]
    public void A_deployment_key_that_is_a_login_key_names_its_holder(int holders, string holder)
    {
        var users = Enumerable.Range(0, holders).Select(i => new SystemUser(2, 21 + i, Good) { ServerName = "web-2", User = "deploy" }).ToList();
        var credential = Credential(1, 11, Good);
        var finding = Assert.Single(Find(new() { Rules = [Rule("DeploymentKeyIsLoginKey")] }, Server(1, credential), new ServerReading(Online(2)) { ReadAt = Now, Users = users }));
        Assert.Equal($"{credential} is the deployment key of {holder}: whoever is that user there can log in here.", finding.Message);
        Assert.Equal($"Give that user a new deployment key, or remove this one: Revoke-RunCloudSshKey -Key '{credential.Fingerprint}' -WhatIf", finding.Advice);
    }

    [Fact]
    public void A_deployment_key_that_may_be_cut_off_is_not_taken_for_a_login_key()
    {
        var line = TestKeys.Line(SshKeyKind.Ed25519, 1);
        var user = new SystemUser(2, 21, line[..40]) { User = "deploy" };
        Assert.True(user.HasUnreadableDeploymentKey);
        Assert.Empty(Find(new() { Rules = [Rule("DeploymentKeyIsLoginKey")] }, Server(1, Credential(1, 11, line)), new ServerReading(Online(2)) { ReadAt = Now, Users = [user] }));
    }

    [Theory]
    [InlineData(false, "lets people in with a password, root too: removing a key does not stop anyone who knows a password.")]
    [InlineData(true, "lets people in with a password: removing a key does not stop anyone who knows one.")]
    public void Password_logins_tell_whether_root_may_use_one(bool isRootClosed, string message)
    {
        var server = new ServerReading(Online(7)) { Setting = new SshSetting(7) { PasswordlessLogin = false, PreventRootLogin = isRootClosed } };
        var finding = Assert.Single(Find(new() { Rules = [Rule("PasswordLogin")] }, server));
        Assert.Equal($"web-7 (id 7) {message}", finding.Message);
        Assert.Equal("First see who has no key (Get-RunCloudSshCredential -ServerId 7), then: Set-RunCloudSshSetting -ServerId 7 -PasswordlessLogin $true -WhatIf", finding.Advice);
        Assert.Equal((7L, "web-7", null, null), (finding.ServerId, finding.ServerName, finding.User, finding.Credential));
    }

    [Fact]
    public void Root_logins_point_at_the_README()
    {
        var finding = Assert.Single(Find(new() { Rules = [Rule("RootLogin")] }, Server(7, isRootClosed: false, [])));
        Assert.Equal("web-7 (id 7) lets in root over SSH.", finding.Message);
        Assert.Equal("Read \"Close root's login\" in the README, then: Set-RunCloudSshSetting -ServerId 7 -PreventRootLogin $true -WhatIf", finding.Advice);
    }

    [Theory]
    [InlineData(false, true, "is offline: what is shown for it is RunCloud's record only.")]
    [InlineData(null, true, "is not reported as online: what is shown for it is RunCloud's record only.")]
    [InlineData(true, false, "is not reported as online: what is shown for it is RunCloud's record only.")]
    public void A_server_that_is_not_online_says_so(bool? online, bool connected, string message)
    {
        var finding = Assert.Single(Find(new(), new ServerReading(new Server(1, "web-1") { Online = online, Connected = connected }) { ReadAt = Now }));
        Assert.Equal(($"web-1 (id 1) {message}", "Run the command again when the server is back."), (finding.Message, finding.Advice));
    }

    [Fact]
    public void Each_part_of_a_server_that_could_not_be_read_is_a_finding_of_its_own()
    {
        var server = new ServerReading(Online(1))
        {
            Failure = new RunCloudException(RunCloudError.IncompleteList, "The list did not add up."),
            SettingFailure = new RunCloudException(RunCloudError.ServerError, "The settings failed."),
            UsersFailure = new RunCloudException(RunCloudError.ServerError, "The users failed."),
        };
        var findings = Find(new(), server);
        Assert.Equal(
            [
                "web-1 (id 1) was not read completely. The list did not add up.",
                "web-1 (id 1) could not be asked for its SSH settings. The settings failed.",
                "web-1 (id 1) could not be asked for its system users. The users failed.",
            ],
            findings.Select(finding => finding.Message));
        Assert.All(findings, finding => Assert.Equal(("High", "Run the command again. Until then this server is not checked."), (finding.Severity, finding.Advice)));
    }

    [Theory]
    [InlineData(null, null, "PasswordlessLogin, PreventRootLogin")]
    [InlineData(null, true, "PasswordlessLogin")]
    [InlineData(true, null, "PreventRootLogin")]
    [InlineData(true, true, null)]
    public void Settings_that_RunCloud_does_not_report_are_named(bool? passwordless, bool? isRootClosed, string? names)
    {
        var server = new ServerReading(Online(1)) { Setting = new SshSetting(1) { PasswordlessLogin = passwordless, PreventRootLogin = isRootClosed } };
        Assert.Equal(names is null ? null : $"web-1 (id 1) has settings that RunCloud does not report: {names}.", Find(new(), server).SingleOrDefault()?.Message);

        // Rules that need no settings miss none.
        Assert.Empty(Find(new() { Rules = [Rule("ServerNotRead"), Rule("OldKey")] }, server));
    }

    [Fact]
    public void A_deployment_key_that_cannot_be_compared_is_a_part_that_was_not_read()
    {
        var user = new SystemUser(1, 21, "no key") { ServerName = "web-1", User = "deploy" };
        var finding = Assert.Single(Find(new(), new ServerReading(Online(1)) { Users = [user, new SystemUser(1, 22, Good), new SystemUser(1, 23, null)] }));
        Assert.Equal($"web-1 (id 1) has a deployment key that cannot be compared. {user.NotComparable().Message}", finding.Message);
    }

    [Fact]
    public void A_server_that_is_offline_and_could_not_be_read_at_all_is_one_finding()
    {
        var failure = new RunCloudException(RunCloudError.ServerError, "It failed.");
        var server = new Server(1, "web-1") { Online = false };
        Assert.Equal(["High"], Find(new(), new ServerReading(server) { Failure = failure }).Select(finding => finding.Severity));
        Assert.Equal(["High", "Low"], Find(new(), new ServerReading(server) { Failure = failure, Credentials = [Credential(1, 11, Good)] }).Select(finding => finding.Severity));
    }

    [Fact]
    public void A_shared_key_names_at_most_five_people_in_order()
    {
        var fleet = new[] { "frank@a", "eve@b", "dave@c", "carol@d", "bob@e", "alice@f", "Alice@g", "deploy@h", "runcloud" }
            .Select((comment, i) => Server(i + 1, Credential(i + 1, 20 + i, TestKeys.Line(SshKeyKind.Ed25519, 1, comment), user: i == 8 ? "runcloud" : "deploy"))).ToArray();
        var finding = Assert.Single(Find(new() { Rules = [Rule("SharedKey")] }, fleet));
        Assert.Equal($"{finding.Fingerprint} on 9 servers seems to be shared: its comments name alice, bob, carol, dave, eve, ….", finding.Message);
        Assert.Equal($"Give each person a key of their own, then revoke this one: Revoke-RunCloudSshKey -Key '{finding.Fingerprint}' -WhatIf", finding.Advice);
        Assert.Equal((null, 0, SshPublicKey.Parse(Good).Fingerprint), (finding.ServerId, finding.KeyIndex, finding.Fingerprint));
        Assert.EndsWith(" name alice, bob, carol, dave, eve.", Assert.Single(Find(new() { Rules = [Rule("SharedKey")] }, fleet[1..])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void System_users_whose_names_are_in_comments_are_no_people()
    {
        var first = Server(1, Credential(1, 11, TestKeys.Line(SshKeyKind.Ed25519, 1, "deploy@a")));
        var second = Credential(2, 12, TestKeys.Line(SshKeyKind.Ed25519, 1, "alice@b"));
        Assert.Equal("SharedKey", Assert.Single(Find(new() { Rules = [Rule("SharedKey")] }, first, Server(2, second))).Rule);
        var reading = new ServerReading(Online(2)) { ReadAt = Now, Credentials = [second], Users = [new SystemUser(2, 21, null) { User = "DEPLOY" }] };
        Assert.Empty(Find(new() { Rules = [Rule("SharedKey")] }, first, reading));
    }

    [Fact]
    public void Drift_names_what_is_new_and_what_is_gone()
    {
        var before = Baseline(Server(1, Credential(1, 11, Good), Credential(1, 12, "no key")), Server(4));
        var added = Credential(1, 13, Other);
        var unreadable = Credential(1, 14, "nonsense", "root");
        var findings = Drift(before, Server(1, added, unreadable), Server(2, Credential(2, 21, Good)), Server(3));
        Assert.Equal(
            [
                ($"{unreadable} is new since the baseline.", "Look at it in the RunCloud dashboard."),
                ($"{added} is new since the baseline.", $"Allow it, or revoke it: Revoke-RunCloudSshKey -Key '{added.Fingerprint}' -WhatIf"),
                ("web-2 (id 2) is not in the baseline; it has 1 key now.", "See who gets in: Get-RunCloudSshCredential -ServerId 2"),
                ("web-3 (id 3) is not in the baseline; it has 0 keys now.", "See who gets in: Get-RunCloudSshCredential -ServerId 3"),
                ($"'key-1' of runcloud ({SshPublicKey.Parse(Good).Fingerprint}) on web-1 (id 1) is gone since the baseline.", "Nothing to do if this was intended."),
                ("'key-12' of runcloud (unreadable key) on web-1 (id 1) is gone since the baseline.", "Nothing to do if this was intended."),
                ("web-4 (id 4) is in the baseline and no longer in this workspace.", "Nothing to do if this was intended."),
            ],
            findings.Select(finding => (finding.Message, finding.Advice)));
        Assert.Equal([null, 0], findings.Take(2).Select(finding => finding.KeyIndex));
        var gone = findings[4];
        Assert.Equal((1L, "web-1", "runcloud", "key-1", SshPublicKey.Parse(Good).Fingerprint, null), (gone.ServerId, gone.ServerName, gone.User, gone.Label, gone.Fingerprint, gone.Credential));
        Assert.Equal((4L, "web-4", null), (findings[6].ServerId, findings[6].ServerName, findings[6].User));
    }
}
