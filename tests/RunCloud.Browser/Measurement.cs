using System.Diagnostics;
using System.Globalization;
using RunCloud.Api;

namespace RunCloud.Browser;

/// <summary>How large the pages of large workspaces are, and how long Chromium takes for them.</summary>
internal static class Measurement
{
    private const int Runs = 9;

    /// <summary>From the change until the browser has painted it.</summary>
    private const string Timed = """
        async () => {
          const start = performance.now();
          (CHANGE)();
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          return performance.now() - start;
        }
        """;

    /// <summary>Every filter on and off again, the first of them on a page that was just opened; a search, a sort and each view. Those of one name are told together.</summary>
    private static readonly (string Name, string Change)[] Changes =
    [
        Filter("root"),
        Filter("list"),
        Filter("offline"),
        Filter("offline"),
        Filter("list"),
        Filter("root"),
        Search("person7"),
        Search(string.Empty),
        ("severity", "() => document.querySelector('button[data-severity=High]').click()"),
        ("severity", "() => document.querySelector('button[data-severity=High]').click()"),
        ("sort", "() => document.querySelector('#panel th button').click()"),
        ("view", "() => document.getElementById('tab-people').click()"),
        Filter("root"),
        Filter("root"),
        ("view", "() => document.getElementById('tab-servers').click()"),
        Filter("root"),
        Filter("offline"),
        Filter("offline"),
        Filter("root"),
        ("view", "() => document.getElementById('tab-keys').click()"),
    ];

    /// <summary>Writes a line for each size.</summary>
    internal static async Task RunAsync(TextWriter output)
    {
        await using var chromium = await Chromium.StartAsync();
        foreach (var (servers, keys) in ((int, int)[])[(100, 20), (1000, 20), (2000, 20)])
        {
            var watch = Stopwatch.StartNew();
            var snapshot = SampleAccess.OfSize(servers, keys);
            var made = watch.ElapsedMilliseconds;
            watch.Restart();
            var content = AccessPage.ToBytes(snapshot);
            await output.WriteLineAsync(Text($"{servers} servers x {keys} keys: page {content.Length / 1024.0 / 1024:0.0} MB, .json {snapshot.ToBytes().Length / 1024.0 / 1024:0.0} MB, {snapshot.Findings.Count} findings, rules {made} ms, page made in {watch.ElapsedMilliseconds} ms"));
            await MeasureAsync(chromium, content, output);
        }
    }

    private static async Task MeasureAsync(Chromium chromium, byte[] content, TextWriter output)
    {
        var ready = new List<double>();
        var changes = Changes.Select(change => change.Name).Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => new List<double>(), StringComparer.Ordinal);
        var memory = 0.0;
        for (var run = 0; run < Runs; run++)
        {
            await using var open = await chromium.OpenAsync(content);
            ready.Add(await open.Page.EvaluateAsync<double>("async () => { await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); return performance.now(); }"));
            foreach (var (name, change) in Changes)
            {
                changes[name].Add(await open.Page.EvaluateAsync<double>(Timed.Replace("CHANGE", change, StringComparison.Ordinal)));
            }

            memory = await open.Page.EvaluateAsync<double>("() => performance.memory.usedJSHeapSize / 1048576");
        }

        await output.WriteLineAsync(Text($"  ready after {Median(ready):0} ms (slowest {ready.Max():0}); heap {memory:0} MB"));
        await output.WriteLineAsync("  " + string.Join("; ", changes.Select(change => Text($"{change.Key} {Median(change.Value):0} ms (slowest {change.Value.Max():0})"))));
    }

    private static (string Name, string Change) Filter(string name) => ("filter", $"() => document.querySelector('[data-filter={name}]').click()");

    private static (string Name, string Change) Search(string text) =>
        ("search", $"() => {{ const box = document.getElementById('search'); box.value = '{text}'; box.dispatchEvent(new Event('input')); }}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
