using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace RunCloud.Testing;

/// <summary>
/// Processes that run script files one after the other, each in a session of its own. A <see cref="ScriptProcess"/> runs one, and can be
/// killed and interrupted; it takes ten times as long. The processes end with the one that started them.
/// </summary>
public static class ScriptServers
{
    private static readonly ConcurrentBag<Process> Free = [];

    /// <summary>Runs a script to its end.</summary>
    /// <param name="start">What is run, and where. Variables that a process reads when it starts, such as <c>LC_ALL</c>, come too late.</param>
    /// <exception cref="InvalidOperationException">The script ended the process.</exception>
    public static async Task<ScriptResult> RunAsync(ScriptStart start)
    {
        if (!Free.TryTake(out var server))
        {
            server = ScriptProcess.StartRunner(["-Serve"]);
        }

        await server.StandardInput.WriteLineAsync(JsonSerializer.Serialize(start)).ConfigureAwait(false);
        await server.StandardInput.FlushAsync().ConfigureAwait(false);
        var answer = await server.StandardOutput.ReadLineAsync().ConfigureAwait(false)
            ?? throw new InvalidOperationException("The script ended the process that ran it.");
        Free.Add(server);
        return JsonSerializer.Deserialize<ScriptResult>(answer)!;
    }
}
