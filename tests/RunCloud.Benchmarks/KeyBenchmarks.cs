using BenchmarkDotNet.Attributes;

using RunCloud.Api;
using RunCloud.Simulator;

namespace RunCloud.Benchmarks;

/// <summary>What it costs to read a key and to tell whether a row has the key that is looked for.</summary>
[MemoryDiagnoser]
public class KeyBenchmarks
{
    private readonly string[] _lines = [.. Enumerable.Range(0, 1000).Select(i => TestKeys.Line((SshKeyKind)(i % 6), i, $"user{i}@host"))];
    private readonly SshKeyFilter _byLine = new([SshKeySelector.Parse(TestKeys.Line(SshKeyKind.Ed25519, 7, "dave@laptop"))]);
    private readonly SshKeyFilter _byFingerprint = new([SshKeySelector.Parse(SshPublicKey.Parse(TestKeys.Line(SshKeyKind.Ed25519, 7)).Fingerprint)]);

    [Benchmark(Baseline = true, OperationsPerInvoke = 1000)]
    public int Read() => _lines.Count(line => SshPublicKey.TryParse(line, out _));

    [Benchmark(OperationsPerInvoke = 1000)]
    public int ReadWithFingerprint() => _lines.Sum(line => SshPublicKey.Parse(line).Fingerprint.Length);

    [Benchmark(OperationsPerInvoke = 1000)]
    public int MatchLine() => _lines.Count(line => _byLine.Test(line) == SshKeyMatch.Match);

    [Benchmark(OperationsPerInvoke = 1000)]
    public int MatchFingerprint() => _lines.Count(line => _byFingerprint.Test(line) == SshKeyMatch.Match);
}
