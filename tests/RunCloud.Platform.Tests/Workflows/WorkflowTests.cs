using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace RunCloud.Platform.Tests.Workflows;

/// <summary>Checks of the GitHub workflows without GitHub: they are YAML, their parts match, and the scripts that they call exist.</summary>
public sealed partial class WorkflowTests
{
    private const string Folder = ".github/workflows";

    public static TheoryData<string> Files => [.. Directory.GetFiles(Path.Combine(MarkdownCode.Root, Folder)).Select(file => Path.GetFileName(file))];

    [Fact]
    public void There_are_three() => Assert.Equal(["ci.yml", "nightly.yml", "release.yml"], Files.Select(row => row.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public void The_parts_of_the_workflow_match(string file)
    {
        var workflow = Read(file);
        Assert.Equal("read", Text(Map(workflow, "permissions"), "contents"));
        var jobs = Map(workflow, "jobs");
        Assert.NotEmpty(jobs.Children);
        foreach (var job in jobs.Children.Values.Cast<YamlMappingNode>())
        {
            if (Optional(job, "needs") is { } needs)
            {
                Assert.Contains(new YamlScalarNode(needs), jobs.Children.Keys);
            }

            if (Optional(job, "uses") is { } uses)
            {
                Assert.NotNull(Map(Read(Path.GetFileName(uses)), "on").Children[new YamlScalarNode("workflow_call")]);
                Assert.True(File.Exists(Path.Combine(MarkdownCode.Root, uses)));
                continue;
            }

            Assert.NotNull(Optional(job, "timeout-minutes"));
            var steps = Steps(job);
            Assert.All(steps, step => Assert.True(Optional(step, "uses") is null != Optional(step, "run") is null));
            Assert.StartsWith("actions/checkout@", Optional(steps[0], "uses"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_script_that_it_calls_is_there_and_knows_its_parameters(string file)
    {
        foreach ((var run, var shell) in Runs(file).Where(step => step.Run.Contains(".ps1", StringComparison.Ordinal)))
        {
            Assert.Contains(shell, (string[])["pwsh", "powershell"]);
            var command = Assert.Single(Parser.ParseInput(run, out _, out var problems).FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>());
            Assert.Empty(problems);
            var path = Path.Combine(MarkdownCode.Root, command.GetCommandName());
            Assert.True(File.Exists(path), path);
            var script = Parser.ParseFile(path, out _, out _);
            string[] known = [.. script.ParamBlock.Parameters.Select(parameter => parameter.Name.VariablePath.UserPath)];
            Assert.All(command.CommandElements.OfType<CommandParameterAst>(), given => Assert.Contains(given.ParameterName, known));

            // A task is the first thing behind the script, and one of the set.
            if (known is ["Task", ..])
            {
                string[] tasks = [.. script.ParamBlock.Parameters[0].Attributes.OfType<AttributeAst>().Single(attribute => attribute.TypeName.Name == "ValidateSet")
                    .PositionalArguments.Cast<StringConstantExpressionAst>().Select(task => task.Value)];
                Assert.Contains(Assert.IsType<StringConstantExpressionAst>(command.CommandElements[1]).Value, tasks);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_dotnet_command_is_one_that_the_readme_or_the_ci_script_has(string file)
    {
        string[] known =
        [
            .. File.ReadAllLines(Path.Combine(MarkdownCode.Root, ".ci", "run")).Select(line => line.Trim()).Where(line => line.StartsWith("dotnet ", StringComparison.Ordinal)),
            .. MarkdownCode.Of("README.md").Select(block => block.Text),
        ];
        foreach ((var run, _) in Runs(file).Where(step => step.Run.StartsWith("dotnet ", StringComparison.Ordinal)))
        {
            // Where the results go is each one's own matter.
            var command = ResultOptions().Replace(run, string.Empty);
            Assert.True(known.Any(line => (line + " ").StartsWith(command + " ", StringComparison.Ordinal)), run);
        }
    }

    [Fact]
    public void The_nightly_workflow_runs_the_suite_ten_times_on_three_platforms_with_random_delays()
    {
        var workflow = Read("nightly.yml");
        Assert.True(Map(workflow, "on").Children.ContainsKey(new YamlScalarNode("schedule")));
        var job = Map(Map(workflow, "jobs"), "test");
        var matrix = Map(Map(job, "strategy"), "matrix");
        Assert.Equal(["ubuntu-latest", "windows-latest", "macos-latest"], List(matrix, "os"));
        Assert.Equal(10, List(matrix, "run").Distinct(StringComparer.Ordinal).Count());
        var tests = Assert.Single(Steps(job), step => Optional(step, "run")?.StartsWith("dotnet test ", StringComparison.Ordinal) ?? false);
        Assert.NotNull(RandomDelays.Parse(Expression().Replace(Text(Map(tests, "env"), RandomDelays.Variable), "9")));
    }

    [Fact]
    public void The_nightly_workflow_changes_the_source_in_each_part_that_the_script_has()
    {
        var job = Map(Map(Read("nightly.yml"), "jobs"), "mutation");
        var script = File.ReadAllText(Path.Combine(MarkdownCode.Root, "tools", "mutate"));
        Assert.Equal(
            MutationParts().Matches(script).Select(part => part.Groups["name"].Value),
            List(Map(Map(job, "strategy"), "matrix"), "part"));
        Assert.Contains(Steps(job), step => Optional(step, "run")?.StartsWith("tools/mutate ", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void The_release_publishes_a_tag_alone_and_only_after_the_tests_of_three_platforms()
    {
        var workflow = Read("release.yml");
        Assert.Equal(["v*"], List(Map(Map(workflow, "on"), "push"), "tags"));
        var jobs = Map(workflow, "jobs");
        Assert.Equal("package", Text(Map(jobs, "publish"), "needs"));
        Assert.Equal("test", Text(Map(jobs, "package"), "needs"));
        Assert.Equal("startsWith(github.ref, 'refs/tags/')", Text(Map(jobs, "publish"), "if"));
        Assert.Equal(3, List(Map(Map(Map(Map(Read("ci.yml"), "jobs"), "test"), "strategy"), "matrix"), "os").Count);

        // No other job may see the key.
        string[] keys = [.. File.ReadAllLines(Path.Combine(MarkdownCode.Root, Folder, "release.yml")).Where(line => line.Contains("secrets.", StringComparison.Ordinal))];
        Assert.Equal("PSGALLERY_API_KEY: ${{ secrets.PSGALLERY_API_KEY }}", Assert.Single(keys).Trim());
        Assert.Contains("$env:PSGALLERY_API_KEY", File.ReadAllText(Path.Combine(MarkdownCode.Root, "tools", "Release.ps1")), StringComparison.Ordinal);
    }

    private static YamlMappingNode Read(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(MarkdownCode.Root, Folder, file));
        stream.Load(reader);
        return Assert.IsType<YamlMappingNode>(Assert.Single(stream.Documents).RootNode);
    }

    private static IEnumerable<(string Run, string? Shell)> Runs(string file) =>
        from job in Map(Read(file), "jobs").Children.Values.Cast<YamlMappingNode>()
        where job.Children.ContainsKey(new YamlScalarNode("steps"))
        from step in Steps(job)
        let run = Optional(step, "run")
        where run is not null
        select (run, Optional(step, "shell"));

    private static YamlMappingNode[] Steps(YamlMappingNode job) => [.. Assert.IsType<YamlSequenceNode>(job.Children[new YamlScalarNode("steps")]).Cast<YamlMappingNode>()];

    private static YamlMappingNode Map(YamlMappingNode node, string key) => Assert.IsType<YamlMappingNode>(node.Children[new YamlScalarNode(key)]);

    private static string Text(YamlMappingNode node, string key) => Optional(node, key) ?? throw new KeyNotFoundException(key);

    private static string? Optional(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? ((YamlScalarNode)value).Value : null;

    private static IReadOnlyList<string> List(YamlMappingNode node, string key) => [.. ((YamlSequenceNode)node.Children[new YamlScalarNode(key)]).Cast<YamlScalarNode>().Select(item => item.Value!)];

    [GeneratedRegex(" --logger trx --results-directory \\S+ --blame-hang-timeout \\S+ --blame-hang-dump-type none", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ResultOptions();

    [GeneratedRegex("^ +(?<name>[A-Z][A-Za-z]+)\\) mutate ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex MutationParts();

    [GeneratedRegex("\\$\\{\\{[^}]*\\}\\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Expression();
}
