using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

/// <summary>A bare HTTP client for one simulator: the contract is tested without any of the code that is to rely on it.</summary>
internal sealed class SimulatorClient : IDisposable
{
    private readonly RunCloudSimulator _simulator;
    private readonly HttpClient _http;

    internal SimulatorClient(RunCloudSimulator simulator)
    {
        _simulator = simulator;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, certificate, _, _) => certificate?.GetCertHashString() == simulator.Certificate?.GetCertHashString();
        _http = new HttpClient(handler)
        {
            DefaultRequestVersion = simulator.Options.UseTls ? new Version(2, 0) : new Version(1, 1),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Token = simulator.Token;
    }

    /// <summary>The token to send; null for none.</summary>
    internal string? Token { get; set; }

    public void Dispose() => _http.Dispose();

    internal Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    internal Task<HttpResponseMessage> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path.Contains("://", StringComparison.Ordinal) ? path : _simulator.Endpoint + path)
        {
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("ContractTests", "1.0"));
        if (Token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        }

        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a request and gives "status body".</summary>
    internal async Task<string> TellAsync(HttpMethod method, string path, string? json = null)
    {
        using var response = await SendAsync(method, path, json);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {body}".TrimEnd();
    }

    internal async Task<JsonNode> ReadAsync(string path)
    {
        using var response = await GetAsync(path);
        Assert.Equal(200, (int)response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }
}
