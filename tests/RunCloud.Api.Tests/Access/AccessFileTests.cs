using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using Xunit;
using static RunCloud.Api.Tests.Access.AccessFleet;

namespace RunCloud.Api.Tests.Access;

/// <summary>The files of an audit: each field of the snapshot, and each cell of the table.</summary>
public sealed class AccessFileTests
{
    private static readonly string Fingerprint = SshPublicKey.Parse(Good).Fingerprint;

    /// <summary>A server with everything, one that was read in part, and one that is offline.</summary>
    private static ServerReading[] Servers =>
    [
        new ServerReading(new Server(1, "web-1") { IPAddress = "192.0.2.1", Online = true, Connected = true })
        {
            ReadAt = Now.AddMinutes(-1),
            Credentials = [Credential(1, 11, "no-pty " + Good, label: "alice"), Credential(1, 12, Other, "root")],
            Unreadable = [12],
            Setting = new SshSetting(1) { PasswordlessLogin = true, PreventRootLogin = false, UseDns = true },
            Users = [new SystemUser(1, 21, Other) { User = "deploy" }, new SystemUser(1, 22, null) { User = "runcloud" }],
        },
        new ServerReading(new Server(2, "web-2") { Online = true, Connected = null })
        {
            Failure = new RunCloudException(RunCloudError.IncompleteList, "The list did not add up."),
            SettingFailure = new RunCloudException(RunCloudError.ServerError, "The settings failed."),
            UsersFailure = new RunCloudException(RunCloudError.ServerError, "The users failed too."),
            Credentials = [Credential(2, 31, Good)],
        },
        new ServerReading(new Server(3, "web-3") { Online = false, Connected = true }) { ReadAt = Now, UsersFailure = new RunCloudException(RunCloudError.ServerError, "The users failed.") },
        new ServerReading(new Server(4, "web-4")),
        new ServerReading(new Server(5, "web-5")),
    ];

    [Fact]
    public void A_snapshot_has_everything_that_was_read_of_each_server()
    {
        var servers = Json(Snapshot(Lists, Servers))["servers"]!.AsArray();
        Assert.Equal(
            Compact($$"""
            {"id":1,"name":"web-1","ipAddress":"192.0.2.1","online":true,"readAt":"2026-11-25T11:59:00+00:00","error":null,"passwordlessLogin":true,"preventRootLogin":false,
            "useDns":true,"settingsError":null,"users":[{"name":"deploy","deploymentKey":"{{SshPublicKey.Parse(Other).Fingerprint}}"},{"name":"runcloud","deploymentKey":null}],"credentials":[
            {"id":11,"user":"runcloud","label":"alice","key":0,"comment":"alice@ops","options":"no-pty","createdAt":"2026-11-24T12:00:00+00:00","textSha256":null},
            {"id":12,"user":"root","label":"key-12","key":null,"comment":null,"options":null,"createdAt":"2026-11-24T12:00:00+00:00","textSha256":"{{Digests.Sha256(Encoding.UTF8.GetBytes(Other))}}"}]}
            """),
            Compact(servers[0]!.ToJsonString()));
        Assert.Equal(
            ["web-2, true, , The list did not add up., The settings failed.", "web-3, false, 2026-11-25T12:00:00+00:00, The users failed., ", "web-4, , , , ", "web-5, , , , "],
            servers.Skip(1).Select(server => $"{server!["name"]}, {server["online"]}, {server["readAt"]}, {server["error"]}, {server["settingsError"]}"));
    }

    [Fact]
    public void A_snapshot_has_its_scope_and_its_keys()
    {
        var before = Baseline(Server(1), Server(2));
        var options = Lists with { Baseline = before, MaximumAgeDays = 100, Rules = [Rule("NotAllowed"), Rule("Blocked"), Rule("OldKey"), Rule("NewSinceBaseline")] };
        var json = Json(Snapshot(options, Servers));
        Assert.Equal(
            Compact($$"""
            {"asked":5,"serversInWorkspace":5,"serversRead":3,"notRead":2,"offline":1,"credentials":3,"keys":1,"complete":false,"rules":["NotAllowed","Blocked","OldKey","NewSinceBaseline"],
            "maximumAgeDays":100,"allowedSha256":"{{List(Good).Sha256}}","baseline":{"sha256":"{{before.Sha256}}","endedAt":"2026-11-25T12:00:00+00:00","servers":2},"requests":3}
            """),
            Compact(json["scope"]!.ToJsonString()));
        Assert.Equal(
            Compact($$"""
            {"fingerprint":"{{Fingerprint}}","type":"ED25519","bits":256,"publicKey":"{{TestKeys.Line(SshKeyKind.Ed25519, 1)}}","person":"alice@ops","personSource":"list",
            "certificateAuthority":false,"allowed":true}
            """),
            Compact(Assert.Single(json["keys"]!.AsArray())!.ToJsonString()));
        Assert.Equal(("access-report.schema.json", "access", 1), ((string?)json["$schema"], (string?)json["kind"], (int)json["version"]!));
        Assert.Null(Json(Snapshot(new(), Servers))["keys"]![0]!["allowed"]);
    }

    [Fact]
    public void A_snapshot_of_some_servers_does_not_say_how_many_the_workspace_has()
    {
        Assert.Null(Scope(hasListedAll: false, isListComplete: true)["serversInWorkspace"]);
        Assert.True((bool)Scope(hasListedAll: false, isListComplete: true)["complete"]!);
        Assert.False((bool)Scope(hasListedAll: false, isListComplete: false)["complete"]!);

        static JsonNode Scope(bool hasListedAll, bool isListComplete) => Json(Snapshot(new AccessFacts([Server(1)], new(), hasListedAll, isListComplete, Now)))["scope"]!;
    }

    [Fact]
    public void Rules_without_what_they_need_are_not_in_the_scope() =>
        Assert.Equal(
            ["CertificateAuthority", "DeploymentKeyIsLoginKey", "WeakKey", "PasswordLogin", "RootLogin", "RootKey", "Unreadable", "SharedKey", "OldKey", "UnknownAge", "ServerNotRead"],
            Json(Snapshot(new(), Server(1)))["scope"]!["rules"]!.AsArray().Select(rule => (string?)rule));

    [Fact]
    public void A_snapshot_has_each_finding_the_worst_first()
    {
        var findings = Json(Snapshot(Lists with { Rules = [Rule("Unreadable"), Rule("RootLogin"), Rule("ServerNotRead"), Rule("OldKey")], MaximumAgeDays = 0 }, Servers))["findings"]!.AsArray();
        Assert.Equal(
            [
                "Unreadable High 1 root 12 ", "ServerNotRead High 2   ", "ServerNotRead High 2   ", "ServerNotRead High 2   ", "ServerNotRead High 3   ", "RootLogin Medium 1   ", "ServerNotRead Low 3   ",
                "ServerNotRead Low 4   ", "ServerNotRead Low 5   ", "OldKey Low 1 runcloud 11 0", "OldKey Low 2 runcloud 31 0",
            ],
            findings.Select(finding => $"{finding!["rule"]} {finding["severity"]} {finding["serverId"]} {finding["user"]} {finding["credentialId"]} {finding["key"]}"));
        Assert.All(findings, finding => Assert.False(string.IsNullOrEmpty((string?)finding!["message"]) || string.IsNullOrEmpty((string?)finding["advice"])));
    }

    [Fact]
    public void A_table_has_a_row_for_each_credential_and_for_each_server_without_one()
    {
        var facts = Facts(Lists with { Rules = [Rule("RootLogin"), Rule("Unreadable"), Rule("RootKey"), Rule("OldKey")], MaximumAgeDays = 0 }, Servers);
        Assert.Equal(
            [
                "Server,ServerId,IPAddress,State,User,Person,Label,Comment,KeyType,Bits,Fingerprint,AddedAt,CredentialId,Findings,Note,ReadAt",
                $"web-1,1,192.0.2.1,online,runcloud,alice@ops,alice,alice@ops,ED25519,256,{Fingerprint},2026-11-24T12:00:00Z,11,OldKey,,2026-11-25T11:59:00Z",
                "web-1,1,192.0.2.1,online,root,,key-12,,,,,2026-11-24T12:00:00Z,12,Unreadable,the key cannot be read,2026-11-25T11:59:00Z",
                "web-2,2,,online,,,,,,,,,,,NOT READ: The list did not add up.,",
                $"web-2,2,,online,runcloud,alice@ops,key-31,alice@ops,ED25519,256,{Fingerprint},2026-11-24T12:00:00Z,31,OldKey,,",
                "web-3,3,,OFFLINE,,,,,,,,,,,no keys,2026-11-25T12:00:00Z",
                "web-4,4,,unknown,,,,,,,,,,,keys not asked for,",
                "web-5,5,,unknown,,,,,,,,,,,keys not asked for,",
            ],
            Encoding.UTF8.GetString(AccessTable.ToBytes(facts, AccessAudit.Find(facts))).TrimStart('\uFEFF').Replace("\"", string.Empty, StringComparison.Ordinal).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void A_table_names_all_findings_of_a_credential_and_where_a_name_comes_from()
    {
        var facts = Facts(new() { Rules = [Rule("RootKey"), Rule("OldKey")], MaximumAgeDays = 0 }, Server(1, Credential(1, 11, Good, "root")), Server(2, Credential(2, 11, Other)));
        var rows = Encoding.UTF8.GetString(AccessTable.ToBytes(facts, AccessAudit.Find(facts))).Split("\r\n");
        Assert.Contains(",\"says: alice@ops\",", rows[1], StringComparison.Ordinal);
        Assert.Contains(",\"RootKey OldKey\",", rows[1], StringComparison.Ordinal);
        Assert.Contains(",\"OldKey\",", rows[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_is_for_people_too()
    {
        var text = Encoding.UTF8.GetString(Snapshot(new(), Server(1, Credential(1, 11, Good, label: "a+b"))).ToBytes());
        Assert.Contains("\n          \"label\": \"a+b\",", text.Replace("\r", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static JsonNode Json(AccessSnapshot snapshot) => JsonNode.Parse(snapshot.ToBytes())!;

    private static string Compact(string json) => JsonNode.Parse(json)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
}
