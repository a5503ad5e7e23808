using System.Globalization;
using System.Text;
using CsCheck;
using RunCloud.Api.Tests.Http;
using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;

namespace RunCloud.Api.Tests.Client;

/// <summary>What is read from answers that are not quite as documented.</summary>
public sealed partial class ReadingTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGzmRzNonDLGy+whHAqW2fCZHOPW6KEUNPPe/STIZX6B";

    [Fact]
    public async Task A_server_has_every_documented_field()
    {
        var server = await ServerAsync("""
            {"id":1903,"name":"server hello","provider":"Akamai (Linode)","stack":"nginx","ipAddress":"139.162.123.253","country_iso_code":"JP",
            "os":"Ubuntu","osVersion":"focal","connected":true,"online":false,"agentVersion":"2.8.7","phpCLIVersion":"php81rc",
            "softwareUpdate":false,"securityUpdate":true,"transferStatus":"AVAILABLE","created_at":"2024-07-09 06:56:05","tags":["a","b"]}
            """);

        Assert.Equal(1903, server.Id);
        Assert.Equal("server hello", server.Name);
        Assert.Equal("Akamai (Linode)", server.Provider);
        Assert.Equal("nginx", server.Stack);
        Assert.Equal("139.162.123.253", server.IPAddress);
        Assert.Equal("JP", server.Country);
        Assert.Equal("Ubuntu", server.OS);
        Assert.Equal("focal", server.OSVersion);
        Assert.True(server.Connected);
        Assert.False(server.Online);
        Assert.Equal("2.8.7", server.AgentVersion);
        Assert.Equal("php81rc", server.PhpCliVersion);
        Assert.False(server.SoftwareUpdate);
        Assert.True(server.SecurityUpdate);
        Assert.Equal("AVAILABLE", server.TransferStatus);
        Assert.Equal(new DateTimeOffset(2024, 7, 9, 6, 56, 5, TimeSpan.Zero), server.CreatedAt);
        Assert.Equal(TimeSpan.Zero, server.CreatedAt!.Value.Offset);
        Assert.Equal(["a", "b"], server.Tags);
    }

    [Fact]
    public async Task A_credential_has_every_documented_field()
    {
        var credential = await CredentialAsync(
            $$"""{"id":1903,"label":"ali-ssh","user":"root","publicKey":"{{Key}}","temporary":true,"created_at":"2024-07-23 05:04:20"}""");

        Assert.Equal((1903, 5), (credential.Id, credential.ServerId));
        Assert.Equal(("ali-ssh", "root", Key), (credential.Label, credential.User, credential.PublicKey));
        Assert.True(credential.Temporary);
        Assert.Equal(new DateTimeOffset(2024, 7, 23, 5, 4, 20, TimeSpan.Zero), credential.CreatedAt);
    }

    [Fact]
    public async Task Missing_and_null_values_are_unknown()
    {
        foreach (var json in new[]
        {
            """{"id":1903}""",
            """{"id":1903,"name":null,"provider":null,"online":null,"connected":null,"created_at":null,"tags":null,"ipAddress":null}""",
        })
        {
            var server = await ServerAsync(json);
            Assert.Equal(string.Empty, server.Name);
            Assert.Null(server.Provider);
            Assert.Null(server.Online);
            Assert.Null(server.Connected);
            Assert.Null(server.CreatedAt);
            Assert.Empty(server.Tags);

            var credential = await CredentialAsync("""{"id":1903}""");
            Assert.Null(credential.Label);
            Assert.Null(credential.User);
            Assert.Null(credential.PublicKey);
            Assert.Null(credential.Temporary);
            Assert.Null(credential.Fingerprint);
        }
    }

    [Theory]
    [InlineData("""{"id":1903,"connected":true,"online":true}""", "online")]
    [InlineData("""{"id":1903,"online":true}""", "online")]
    [InlineData("""{"id":1903,"connected":true,"online":false}""", "OFFLINE")]
    [InlineData("""{"id":1903,"online":false}""", "OFFLINE")]
    [InlineData("""{"id":1903,"connected":false,"online":false}""", "never linked")]
    [InlineData("""{"id":1903,"online":"1"}""", "online")]
    [InlineData("""{"id":1903,"connected":"0","online":"false"}""", "never linked")]
    [InlineData("""{"id":1903,"connected":"no","online":false}""", "OFFLINE")]
    [InlineData("""{"id":1903,"connected":false,"online":true}""", "unknown")]
    [InlineData("""{"id":1903,"connected":"no","online":true}""", "unknown")]
    [InlineData("""{"id":1903,"connected":null,"online":true}""", "unknown")]
    [InlineData("""{"id":1903,"connected":{},"online":1}""", "unknown")]
    [InlineData("""{"id":1903,"connected":true,"online":"offline"}""", "unknown")]
    [InlineData("""{"id":1903,"connected":true,"online":"yes"}""", "unknown")]
    [InlineData("""{"id":1903,"connected":true,"online":null}""", "unknown")]
    [InlineData("""{"id":1903,"connected":true,"online":[true]}""", "unknown")]
    [InlineData("""{"id":1903,"connected":true,"online":2}""", "unknown")]
    [InlineData("""{"id":1903,"connected":false}""", "unknown")]
    [InlineData("""{"id":1903,"connected":true}""", "unknown")]
    [InlineData("""{"id":1903}""", "unknown")]
    public async Task The_state_of_a_server_sums_up_what_the_API_said(string json, string state) =>
        Assert.Equal(state, (await ServerAsync(json)).State);

    [Theory]
    [InlineData("""{"id":1903,"os":"Ubuntu","osVersion":"noble"}""", "Ubuntu noble")]
    [InlineData("""{"id":1903,"os":"Ubuntu"}""", "Ubuntu")]
    [InlineData("""{"id":1903,"osVersion":"noble"}""", "noble")]
    [InlineData("""{"id":1903}""", null)]
    public async Task An_operating_system_and_its_release_are_one_text(string json, string? expected) =>
        Assert.Equal(expected, (await ServerAsync(json)).OperatingSystem);

    [Fact]
    public async Task The_day_of_a_time_is_the_same_text_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            foreach (var culture in new[] { "en-US", "ar-SA", "th-TH", "fa-IR" })
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                Assert.Equal("2024-07-09", ApiText.Day((await ServerAsync("""{"id":1903,"created_at":"2024-07-09 23:56:05"}""")).CreatedAt));
                Assert.Equal("2024-07-09", ApiText.Day((await CredentialAsync("""{"id":1903,"created_at":"2024-07-10T01:00:00+02:00"}""")).CreatedAt));
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Null(ApiText.Day((await ServerAsync("""{"id":1903}""")).CreatedAt));
    }

    [Theory]
    [InlineData("web-01", "web-01")]
    [InlineData("", "5")]
    [InlineData(null, "5")]
    public void A_key_tells_its_servers_by_name_or_else_by_id(string? name, string expected) =>
        Assert.Equal([expected], Assert.Single(SshKey.Group([new SshCredential(serverId: 5, id: 1, publicKey: null) { ServerName = name }])).ServerNames);

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("1", true)]
    [InlineData("0", false)]
    [InlineData("\"1\"", true)]
    [InlineData("\"0\"", false)]
    [InlineData("\"true\"", true)]
    [InlineData("\"False\"", false)]
    [InlineData("null", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"maybe\"", null)]
    [InlineData("{}", null)]
    [InlineData("[1]", null)]
    [InlineData("0.5", null)]
    [InlineData("2", null)]
    [InlineData("-1", null)]
    public async Task A_boolean_comes_in_many_forms(string json, bool? expected)
    {
        var server = await ServerAsync($$"""{"online":{{json}},"id":1903}""");

        Assert.Equal(expected, server.Online);
    }

    [Theory]
    [InlineData("1903")]
    [InlineData("\"1903\"")]
    public async Task An_id_may_be_text(string id)
    {
        Assert.Equal(1903, (await ServerAsync($$"""{"id":{{id}},"name":"web"}""")).Id);
        Assert.Equal(1903, (await CredentialAsync($$"""{"id":{{id}},"label":"web"}""")).Id);
    }

    [Theory]
    [InlineData("9223372036854775807", 9223372036854775807)]
    [InlineData("\"9223372036854775807\"", 9223372036854775807)]
    public async Task An_id_has_64_bits(string json, long id)
    {
        using var client = Create(_ => Answers.Json($$"""{"id":{{json}}}"""));

        Assert.Equal(id, (await client.GetServerAsync(id, Stop)).Id);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"x\"")]
    [InlineData("1903.5")]
    [InlineData("{}")]
    [InlineData("[1903]")]
    [InlineData("9223372036854775808")]
    [InlineData("1904")]
    public async Task An_answer_about_nothing_or_something_else_is_invalid(string id)
    {
        var server = await Assert.ThrowsAsync<RunCloudException>(() => ServerAsync($$"""{"id":{{id}},"name":"web"}"""));
        var credential = await Assert.ThrowsAsync<RunCloudException>(() => CredentialAsync($$"""{"id":{{id}},"label":"web"}"""));

        Assert.Equal(RunCloudError.InvalidResponse, server.Error);
        Assert.Equal(RunCloudError.InvalidResponse, credential.Error);
    }

    [Theory]
    [InlineData("12", "12")]
    [InlineData("1.50", "1.50")]
    [InlineData("true", "true")]
    [InlineData("{\"name\":\"x\"}", null)]
    [InlineData("[\"x\"]", null)]
    public async Task Text_may_be_a_number(string json, string? expected)
    {
        Assert.Equal(expected, (await ServerAsync($$"""{"provider":{{json}},"id":1903}""")).Provider);
    }

    [Theory]
    [InlineData("\"2024-07-09 06:56:05\"", "2024-07-09T06:56:05Z")]
    [InlineData("\"2024-07-09T06:56:05.123456Z\"", "2024-07-09T06:56:05.123456Z")]
    [InlineData("\"2024-07-09T06:56:05+02:00\"", "2024-07-09T04:56:05Z")]
    [InlineData("\"yesterday\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("1720508165", "2024-07-09T06:56:05Z")]
    [InlineData("\"1720508165\"", "2024-07-09T06:56:05Z")]
    [InlineData("1720508165000", "2024-07-09T06:56:05Z")]
    [InlineData("1720508165.5", "2024-07-09T06:56:05.5Z")]
    [InlineData("17", null)]
    [InlineData("1e30", null)]
    [InlineData("true", null)]
    [InlineData("{\"date\":\"2024-07-09 06:56:05\"}", null)]
    public async Task A_time_is_utc_or_unknown(string json, string? expected)
    {
        var server = await ServerAsync($$"""{"created_at":{{json}},"id":1903}""");

        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), server.CreatedAt);
    }

    [Theory]
    [InlineData("\"yesterday\"", true)]
    [InlineData("{}", true)]
    [InlineData("17", true)]
    [InlineData("null", false)]
    [InlineData("1720508165", false)]
    public async Task An_unreadable_time_is_reported(string json, bool isTold)
    {
        using var client = Create(_ => Answers.Json($$"""{"data":[{"id":1,"label":"a","user":"root","publicKey":"{{Key}}","created_at":{{json}} }],"meta":{"total":1} }"""));

        var found = await client.FindSshCredentialsAsync(5, server: null, new SshCredentialQuery(), Stop);

        Assert.Equal(isTold ? 1 : 0, found.Undated.Count);
        Assert.Single(found.Credentials);
    }

    [Theory]
    [InlineData("""["web","a b"]""", "web|a b")]
    [InlineData("""[{"id":1,"name":"web"}]""", "web")]
    [InlineData("""[{"id":1}]""", """{"id":1}""")]
    [InlineData("""[{"name":5}]""", """{"name":5}""")]
    [InlineData("[1,null,true,[2]]", "1|null|true|[2]")]
    [InlineData("{}", "")]
    [InlineData("\"web\"", "")]
    [InlineData("[]", "")]
    [InlineData("""["\ud800x"]""", "\ufffdx")]
    [InlineData("""[{"name":"\udc00"}]""", "\ufffd")]
    public async Task Tags_have_any_shape(string json, string expected)
    {
        var server = await ServerAsync($$"""{"tags":{{json}},"id":1903}""");

        Assert.Equal(expected, string.Join('|', server.Tags));
    }

    [Fact]
    public async Task Unknown_fields_are_kept_out_of_the_way()
    {
        const string Unknown = """ "relationships":{"id":-1,"data":[null,0.5,{"id":4}]},"meta":7,"ID":8,"Id":9,"fingerprint":"x","":[],""";
        var server = await ServerAsync("{" + Unknown + "\"id\":1903,\"name\":\"web\"}");
        var credential = await CredentialAsync("{" + Unknown + "\"id\":1903,\"label\":\"web\"}");

        Assert.Equal("web", server.Name);
        Assert.Equal("web", credential.Label);
    }

    [Theory]
    [InlineData("\"links\":{}")]
    [InlineData("\"links\":[]")]
    [InlineData("\"links\":null")]
    [InlineData("\"links\":\"\"")]
    [InlineData("\"links\":{\"previous\":\"https://example.test/\",\"next\":null}")]
    [InlineData("\"links\":{\"next\":7}")]
    [InlineData("\"count\":1")]
    public async Task The_links_of_a_single_page_have_many_forms(string links)
    {
        var handler = new StubHandler(_ => Answers.Json($$$$"""
            {"data":[{"id":1,"name":"web"}],"meta":{"pagination":{"total":1,"per_page":40,"current_page":1,"total_pages":1,{{{{links}}}}}}}
            """));
        using var client = Create(handler);

        Assert.Single(await client.ServersAsync());
        Assert.Single(handler.Requests);
    }

    private static async Task<Server> ServerAsync(string json)
    {
        using var client = Create(_ => Answers.Json(json));
        return await client.GetServerAsync(1903, Stop);
    }

    private static async Task<SshCredential> CredentialAsync(string json)
    {
        using var client = Create(_ => Answers.Json(json));
        return await client.GetSshCredentialAsync(5, server: null, 1903, Stop);
    }
}
