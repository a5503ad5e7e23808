using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RunCloud.Benchmarks.WholeJob;

/// <summary>
/// A process that does the job with as little as .NET needs: it reads each list into the members that it compares, and deletes. It checks
/// nothing, so it shows what the machine could do at best, and is no replacement for the module.
/// </summary>
internal static class FloorClient
{
    public const string Verb = "floor-client";

    public static async Task RunAsync(int throttle)
    {
        using var http = new HttpClient
        {
            BaseAddress = new Uri(Environment.GetEnvironmentVariable("RUNCLOUD_API_ENDPOINT")! + "/"),
            DefaultRequestVersion = HttpVersion.Version20,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("RUNCLOUD_API_TOKEN"));
        var key = Blob(Environment.GetEnvironmentVariable("RUNCLOUD_BENCHMARK_KEY")!).ToString();
        await Parallel.ForEachAsync(
            PagesAsync(http, "servers", FloorJson.Default.FloorListFloorServer),
            new ParallelOptions { MaxDegreeOfParallelism = throttle },
            async (server, _) =>
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"servers/{server.Id}/ssh/credentials");
                await foreach (var credential in PagesAsync(http, path, FloorJson.Default.FloorListFloorCredential))
                {
                    if (Blob(credential.PublicKey).SequenceEqual(key))
                    {
                        using var answer = await http.DeleteAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"{path}/{credential.Id}"), UriKind.Relative), CancellationToken.None);
                    }
                }
            });
        await HostedClient.TellCostAsync();
    }

    private static async IAsyncEnumerable<T> PagesAsync<T>(HttpClient http, string path, JsonTypeInfo<FloorList<T>> type)
    {
        for (var page = 1; ; page++)
        {
            var list = (await http.GetFromJsonAsync(string.Create(CultureInfo.InvariantCulture, $"{path}?page={page}&perPage=40"), type))!;
            foreach (var row in list.Data)
            {
                yield return row;
            }

            if (list.Data.Length < 40)
            {
                break;
            }
        }
    }

    /// <summary>The second word of a key line.</summary>
    private static ReadOnlySpan<char> Blob(string line)
    {
        var rest = line.AsSpan(line.IndexOf(' ', StringComparison.Ordinal) + 1);
        return rest.IndexOf(' ') is >= 0 and var end ? rest[..end] : rest;
    }
}

/// <summary>A page of a list.</summary>
internal sealed record FloorList<T>(T[] Data);

/// <summary>The server's members that the job needs.</summary>
internal sealed record FloorServer(long Id);

/// <summary>The credential's members that the job needs.</summary>
internal sealed record FloorCredential(long Id, string PublicKey);

/// <summary>Generated code that reads the lists.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FloorList<FloorServer>))]
[JsonSerializable(typeof(FloorList<FloorCredential>))]
internal sealed partial class FloorJson : JsonSerializerContext;
