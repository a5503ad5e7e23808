using System.Net;

using RunCloud.Api;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>A process that does the job with this module's client, with its checks and without a shell.</summary>
internal static class ApiClient
{
    public const string Verb = "api-client";

    public static async Task RunAsync(int throttle)
    {
        using var client = new RunCloudClient(new RunCloudClientOptions
        {
            Endpoint = new Uri(Environment.GetEnvironmentVariable("RUNCLOUD_API_ENDPOINT")!),
            Token = new NetworkCredential(string.Empty, Environment.GetEnvironmentVariable("RUNCLOUD_API_TOKEN")).SecurePassword,
        });
        var query = new SshCredentialQuery { Keys = [SshKeySelector.Parse(Environment.GetEnvironmentVariable("RUNCLOUD_BENCHMARK_KEY")!)] };
        await Parallel.ForEachAsync(
            client.GetServersAsync(CancellationToken.None),
            new ParallelOptions { MaxDegreeOfParallelism = throttle },
            async (server, cancellation) =>
            {
                var found = await client.FindSshCredentialsAsync(server.Id, server, query, cancellation);
                foreach (var credential in found.Credentials)
                {
                    _ = await client.RemoveSshCredentialAsync(credential, cancellation);
                }
            });
        await HostedClient.TellCostAsync();
    }
}
