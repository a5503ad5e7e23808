using System.Text;
using System.Text.Json;

using BenchmarkDotNet.Attributes;

using RunCloud.Api;
using RunCloud.Simulator;

namespace RunCloud.Benchmarks;

/// <summary>What it costs to read a page of 40 credentials: by generated code into rows, and as a document that somebody searches.</summary>
[MemoryDiagnoser]
public class JsonBenchmarks
{
    private readonly byte[] _page = Encoding.UTF8.GetBytes(
        "{\"data\":[" + string.Join(",", Enumerable.Range(1, 40).Select(i =>
            $"{{\"id\":{i},\"label\":\"key-{i}\",\"user\":\"root\",\"publicKey\":\"{TestKeys.Line(SshKeyKind.Ed25519, i, "somebody@host")}\",\"created_at\":\"2026-01-02 03:04:05\"}}"))
        + "],\"meta\":{\"pagination\":{\"total\":40,\"count\":40,\"per_page\":40,\"current_page\":1,\"total_pages\":1,\"links\":{}}}}");

    [Benchmark(Baseline = true)]
    public int GeneratedCode() => JsonSerializer.Deserialize(_page, WireJson.Default.ListRowSshCredentialRow)!.Data!.Count;

    [Benchmark]
    public int Document()
    {
        using var document = JsonDocument.Parse(_page);
        return document.RootElement.GetProperty("data").EnumerateArray().Count(row => row.GetProperty("publicKey").GetString()!.Length > 0);
    }
}
