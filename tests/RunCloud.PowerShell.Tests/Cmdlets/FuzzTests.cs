using System.Management.Automation;
using RunCloud.Api;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>
/// Every public command with hostile values: no raw .NET exception, no hang, no file touched that is not the module's, no secret shown, and no
/// key taken that was not named. The commands and their parameters are read from the module, so that a new one is here by itself.
/// </summary>
public sealed class FuzzTests
{
    private const string Decoy = "eve";

    /// <summary>PowerShell's own ids for a refused argument.</summary>
    private static readonly HashSet<string> EngineIds = new(StringComparer.Ordinal)
    {
        "ParameterArgumentTransformationError", "ParameterArgumentValidationError", "ParameterArgumentValidationErrorNullNotAllowed",
        "ParameterArgumentValidationErrorEmptyStringNotAllowed", "ParameterArgumentValidationErrorEmptyArrayNotAllowed",
        "CannotConvertArgumentNoMessage", "CannotConvertArgument", "AmbiguousParameterSet", "MissingMandatoryParameter", "InputObjectNotBound",
    };

    /// <summary>The arguments of a call besides the hostile value.</summary>
    private static readonly Dictionary<string, string> Needed = new(StringComparer.Ordinal)
    {
        ["Key"] = "$key",
        ["NewPublicKey"] = "$new",
        ["PublicKey"] = "$new",
        ["Server"] = "$servers",
        ["ServerId"] = "101",
        ["Id"] = "17",
        ["User"] = "root",
        ["Label"] = "fuzz",
        ["InputObject"] = "$credential",
        ["Name"] = "default",
        ["Path"] = "/servers",
    };

    /// <summary>Without these a command would do nothing, or call RunCloud itself.</summary>
    private static readonly Dictionary<string, (string Parameter, string Value)[]> Besides = new(StringComparer.Ordinal)
    {
        ["Connect-RunCloud"] = [("Token", "$token"), ("Endpoint", "$endpoint"), ("MaximumRetryCount", "0")],
        ["Set-RunCloudSshSetting"] = [("UseDns", "$false")],
        ["Revoke-RunCloudSshKey"] = [("UndoPath", "\"u-$i.xml\""), ("ReportPath", "report.json")],
        ["Update-RunCloudSshKey"] = [("UndoPath", "\"n-$i.xml\""), ("ReportPath", "report.json")],
    };

    /// <summary>A command that runs another program is fuzzed with a stand-in for that program.</summary>
    private static readonly string[] Elsewhere = ["Test-RunCloudSshKey"];

    private static readonly HashSet<string> OurIds =
        [.. Enum.GetNames<RunCloudError>(), .. MarkdownCode.ErrorIds("README.md", "When something goes wrong")];

    [Fact]
    public async Task No_value_of_any_parameter_does_harm()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder, TestContext.Current.CancellationToken);
        var start = world.Fleet.Snapshot();
        var faults = new List<string>();
        var files = Contents(folder);
        foreach (var (command, parameter, call) in await CallsAsync(world))
        {
            world.Fleet.Restore(start);
            var result = await world.RunAsync($$"""
                Connect-RunCloud -Token $token -Endpoint $endpoint -MaximumRetryCount 0
                $VerbosePreference = $DebugPreference = 'Continue'
                $i = 0
                foreach ($h in $hostile) { $i++; try { $null = {{call}} } catch { $_ } }
                """);
            faults.AddRange(Faults($"{command} -{parameter}", world, result));
            var left = Contents(folder);
            faults.AddRange(files.Where(file => !left.TryGetValue(file.Key, out var now) || now != file.Value).Select(file => $"{command} -{parameter} changed {file.Key}."));
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults.GroupBy(fault => string.Join(':', fault.Split(':').Take(3))).Select(group => group.First()).Take(40)));
    }

    [Fact]
    public async Task No_object_from_the_pipeline_does_harm()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync(folder, TestContext.Current.CancellationToken);
        var start = world.Fleet.Snapshot();
        var faults = new List<string>();
        foreach (var (command, _) in (await CommandsAsync(world)).Where(command => command.Parameters.Values.Any(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline || set.ValueFromPipelineByPropertyName))))
        {
            world.Fleet.Restore(start);
            var besides = string.Join(' ', command.ParameterSets[0].Parameters.Where(parameter => parameter.Name is "Key" or "NewPublicKey").Select(parameter => $"-{parameter.Name} {Needed[parameter.Name]}")
                .Concat(Besides.GetValueOrDefault(command.Name, []).Select(one => $"-{one.Parameter} {one.Value}"))
                .Concat(Changes(command) ? ["-Confirm:$false"] : []));
            var result = await world.RunAsync($$"""
                Connect-RunCloud -Token $token -Endpoint $endpoint -MaximumRetryCount 0
                $i = 1000
                foreach ($h in $hostile) {
                    $i++
                    try { $null = $h | {{command.Name}} {{besides}} } catch { $_ }
                    $i++
                    try { $null = [pscustomobject]@{ ServerId = $h; Id = $h; User = $h; Label = $h; PublicKey = $h; Temporary = $h; ServerName = $h } | {{command.Name}} {{besides}} } catch { $_ }
                    $i++
                    try { $null = [pscustomobject]@{ ServerId = 101; Id = $h; User = 'root'; Label = $h; PublicKey = $h; Temporary = $true } | {{command.Name}} {{besides}} } catch { $_ }
                }
                """);
            faults.AddRange(Faults($"| {command.Name}", world, result));
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults.GroupBy(fault => string.Join(':', fault.Split(':').Take(3))).Select(group => group.First()).Take(40)));
    }

    /// <summary>A call of every command for every parameter of its own.</summary>
    private static async Task<List<(string Command, string Parameter, string Call)>> CallsAsync(World world)
    {
        var calls = new List<(string Command, string Parameter, string Call)>();
        foreach (var (command, _) in await CommandsAsync(world))
        {
            foreach (var parameter in command.Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name) && !Cmdlet.OptionalCommonParameters.Contains(parameter.Name) && parameter.ParameterType != typeof(SwitchParameter)))
            {
                var set = command.ParameterSets.First(one => one.Parameters.Any(other => other.Name == parameter.Name));
                var given = set.Parameters.Where(other => other.IsMandatory && other.Name != parameter.Name).Select(other => (other.Name, Needed[other.Name]))
                    .Concat(Besides.GetValueOrDefault(command.Name, []).Where(one => one.Parameter != parameter.Name))
                    .DistinctBy(one => one.Item1);
                var call = $"{command.Name} -{parameter.Name} $h {string.Join(' ', given.Select(one => $"-{one.Item1} {one.Item2}"))}";
                calls.Add((command.Name, parameter.Name, Changes(command) ? call + " -Confirm:$false" : call));
            }
        }

        return calls;
    }

    private static async Task<List<(CmdletInfo Command, Dictionary<string, ParameterMetadata> Parameters)>> CommandsAsync(World world)
    {
        var commands = (await world.MustAsync("Get-Command -Module RunCloud.PowerShell -CommandType Cmdlet")).OutputOf<CmdletInfo>();
        Assert.NotEmpty(commands);
        return [.. commands.Where(command => !Elsewhere.Contains(command.Name)).Select(command => (command, command.Parameters))];
    }

    private static bool Changes(CmdletInfo command) => command.Parameters.ContainsKey("Confirm");

    /// <summary>The problems in a command's output for hostile values.</summary>
    private static IEnumerable<string> Faults(string what, World world, ShellResult result)
    {
        if (result.Terminating is { } end)
        {
            yield return $"{what} ended: {end.Message}";
        }

        foreach (var error in result.Errors.Concat(result.Output.Select(item => item.BaseObject).OfType<ErrorRecord>()))
        {
            var id = error.Id();
            var whole = $"{what}: {error.FullyQualifiedErrorId}: {error.Exception.GetType().Name}: {Shortened(error.ToString())} [{Shortened($"{error.TargetObject}")}]";
            if (!OurIds.Contains(id) && !EngineIds.Contains(id))
            {
                yield return whole;
            }

            // The engine's own refusals show a value as it was given.
            if (OurIds.Contains(id) && error.ToString().Any(c => char.IsControl(c) || c is '\u202e' or '\u2028'))
            {
                yield return "not clean: " + whole;
            }

            if (Secrets(what, world).Any(secret => $"{error} {error.ErrorDetails?.Message} {error.ErrorDetails?.RecommendedAction} {error.Exception} {error.TargetObject} {error.CategoryInfo}".Contains(secret, StringComparison.OrdinalIgnoreCase)))
            {
                yield return "secret: " + whole;
            }
        }

        if (Secrets(what, world).Any(secret => result.Verbose.Concat(result.Debug).Concat(result.Warnings).Append(result.Screen).Any(text => text.Contains(secret, StringComparison.OrdinalIgnoreCase))))
        {
            yield return $"secret in a stream: {what}";
        }

        if (!world.Fleet.Snapshot().Credentials.Any(credential => credential.Label == Decoy))
        {
            yield return $"{what} took a key that was not named.";
        }
    }

    /// <summary>An address is treated as a secret in parameters for addresses. The module cannot know what is given in the wrong place.</summary>
    private static string[] Secrets(string what, World world) =>
        what.EndsWith("-Proxy", StringComparison.Ordinal) || what.EndsWith("-Endpoint", StringComparison.Ordinal) ? [world.Api.Token, Hostile.Password] : [world.Api.Token];

    private static string Shortened(string text) => text.Length > 300 ? text[..300] + "…" : text;

    private static Dictionary<string, string> Contents(TemporaryFolder folder) => Directory.GetFiles(folder.Path).Where(file => Path.GetFileName(file) != "fifo")
        .ToDictionary(file => file, File.ReadAllText, StringComparer.Ordinal);

    private static async Task<World> StartAsync(TemporaryFolder folder, CancellationToken cancellation)
    {
        var world = await World.StartAsync(fleet =>
        {
            _ = fleet.AddServer("web-01", id: 101);
            _ = fleet.AddServer("web-02", id: 102);
            _ = fleet.AddCredential(101, "root", "dave", World.Key(1), id: 17);
            _ = fleet.AddCredential(102, "root", "dave", World.Key(1), id: 19);
            _ = fleet.AddCredential(101, "root", Decoy, World.Key(2), id: 21);
        });
        await Hostile.MakeFilesAsync(folder.Path, cancellation);
        world.Shell.SetVariable("key", World.Key(1));
        world.Shell.SetVariable("new", World.Key(9));
        world.Shell.SetVariable("hostile", Hostile.Texts(folder.Path));
        world.Shell.SetVariable("folder", folder.Path);
        _ = await world.MustAsync("""
            $null = $ExecutionContext.SessionState.Path.SetLocation($folder)
            $WarningPreference = 'SilentlyContinue'
            $servers = Get-RunCloudServer
            $credential = Get-RunCloudSshCredential -ServerId 101 -Id 17
            """);
        return world;
    }
}
