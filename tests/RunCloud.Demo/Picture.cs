using System.Globalization;
using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Demo;

/// <summary>The picture of a short session, drawn from what the module shows in it.</summary>
internal static class Picture
{
    private const int Columns = 120;

    /// <summary>What is typed in it, and how many lines of each answer are shown.</summary>
    private static readonly (string Command, int Lines)[] Commands =
    [
        ($"Get-RunCloudServer | Get-RunCloudSshCredential -Key ./{Workshop.KeyFile}", 6),
        ($"$account = Revoke-RunCloudSshKey -Key ./{Workshop.KeyFile} -ReportPath report.html", 12),
        ("$account | Where-Object Status -notin Clean, Removed", 12),
    ];

    /// <summary>Writes it into a folder, which is made: <c>session-light.svg</c> and <c>session-dark.svg</c>.</summary>
    public static async Task WriteAsync(SimulatorOptions workspace, string folder, CancellationToken cancellation)
    {
        var shown = await TypeAsync(workspace, cancellation);
        _ = Directory.CreateDirectory(folder);
        foreach ((var name, var text) in Draw(shown))
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), text, cancellation);
        }
    }

    /// <summary>The pictures of a screen, by the names of their files.</summary>
    internal static IEnumerable<(string Name, string Text)> Draw(string shown) =>
        [("session-light.svg", new SvgScreen(SvgColours.Light, Columns).Draw(shown)), ("session-dark.svg", new SvgScreen(SvgColours.Dark, Columns).Draw(shown))];

    /// <summary>What the screen shows, with its colours.</summary>
    internal static async Task<string> TypeAsync(SimulatorOptions workspace, CancellationToken cancellation)
    {
        await using var simulator = await RunCloudSimulator.StartAsync(workspace, cancellationToken: cancellation);
        using var workshop = new Workshop(simulator.Fleet.LeakedKey!);
        using var shell = new Shell(new ShellOptions { BufferWidth = Columns, Colour = true, Answers = [ShellAnswer.Yes] });
        shell.SetVariable("folder", workshop.Folder);
        shell.SetVariable("endpoint", simulator.Endpoint.ToString());
        shell.SetVariable("token", simulator.Token);
        _ = await shell.RunAsync(
            "$ExecutionContext.SessionState.Path.SetLocation($folder)\n"
            + "$secret = [Security.SecureString]::new(); foreach ($one in $token.ToCharArray()) { $secret.AppendChar($one) }\n"
            + "Connect-RunCloud -Token $secret -Endpoint $endpoint",
            cancellation);
        using var screen = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var stage = new Stage(screen, Columns, colour: true);
        foreach ((var command, var lines) in Commands)
        {
            stage.Command(command);
            var result = await shell.RenderAsync(command, Columns, cancellation);
            stage.Text(result.Screen, lines);
            if (result.Terminating is { } failure)
            {
                throw new InvalidOperationException($"The command '{command}' did not end.", failure);
            }
        }

        return screen.ToString();
    }
}
