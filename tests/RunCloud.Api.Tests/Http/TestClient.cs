using System.Net;
using System.Net.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>Makes clients over a stub, on a clock that stands still and without chance: retries come at once.</summary>
internal static class TestClient
{
    internal const string Token = "eyJ0eXAi.c2VjcmV0LXRva2Vu.dGVzdA-_";

    /// <summary>Ends with the test run.</summary>
    internal static CancellationToken Stop => TestContext.Current.CancellationToken;

    internal static RunCloudClientOptions Options(HttpMessageHandler handler) => new()
    {
        Token = new NetworkCredential(string.Empty, Token).SecurePassword,
        Handler = handler,
        Time = new FakeTimeProvider(),
        Jitter = () => 0,
    };

    internal static RunCloudClient Create(HttpMessageHandler handler, Func<RunCloudClientOptions, RunCloudClientOptions>? change = null)
    {
        var options = Options(handler);
        return new RunCloudClient(change is null ? options : change(options));
    }

    internal static RunCloudClient Create(Func<SentRequest, HttpResponseMessage> answer) => Create(new StubHandler(answer));

    /// <summary>Every server, or the exception.</summary>
    internal static async Task<List<Server>> ServersAsync(this RunCloudClient client)
    {
        var servers = new List<Server>();
        await foreach (var server in client.GetServersAsync(Stop))
        {
            servers.Add(server);
        }

        return servers;
    }
}
