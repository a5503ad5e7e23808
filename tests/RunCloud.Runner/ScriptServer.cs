using System.Text;
using System.Text.Json;
using RunCloud.Testing;

namespace RunCloud.Runner;

/// <summary>Runs scripts one after the other, each in a session of its own: a new process for each would spend most of its time on starting.</summary>
internal static class ScriptServer
{
    /// <summary>Answers each line of the standard input, a <see cref="ScriptStart"/>, with a line of the output, its <see cref="ScriptResult"/>.</summary>
    internal static async Task ServeAsync()
    {
        using var requests = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        await using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        while (await requests.ReadLineAsync() is { } line)
        {
            var result = await RunAsync(JsonSerializer.Deserialize<ScriptStart>(line)!);
            await answers.WriteLineAsync(JsonSerializer.Serialize(result));
        }
    }

    private static async Task<ScriptResult> RunAsync(ScriptStart start)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        Console.SetIn(TextReader.Null);
        Console.SetOut(output);
        Console.SetError(errors);
        Directory.SetCurrentDirectory(start.Folder ?? Path.GetTempPath());
        using var environment = new EnvironmentVariables([.. start.Environment.Select(variable => (variable.Key, variable.Value))]);
        var code = await Program.RunAsync(new RunnerOptions(start.Module, start.Script, start.Arguments), Console.Out, Console.Error);
        return new ScriptResult(code, output.ToString().ReplaceLineEndings("\n"), errors.ToString().ReplaceLineEndings("\n"));
    }
}
