using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Packaging;

/// <summary>Get-Help has every command and parameter, and its content is right.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Commands { get; } =
    [
        .. from type in typeof(RunCloudCommand).Assembly.GetTypes()
           let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
           where cmdlet is not null
           select $"{cmdlet.VerbName}-{cmdlet.NounName}",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task A_command_has_a_synopsis_a_description_and_two_examples_whose_code_is_valid(string command)
    {
        using var shell = new Shell();
        var help = await HelpAsync(shell, command);
        Assert.Equal(command, Text(help, "Name"));
        Assert.EndsWith(".", Text(help, "Synopsis"), StringComparison.Ordinal);
        Assert.DoesNotContain(command, Text(help, "Synopsis"), StringComparison.Ordinal);
        Assert.True(Text(help, "description").Length > 80);

        var examples = Items(Items(help, "examples").Single(), "example");
        Assert.True(examples.Count >= 2);
        Assert.All(examples, example =>
        {
            var code = Text(example, "code");
            _ = Parser.ParseInput(code, out _, out var problems);
            Assert.Empty(problems);
            Assert.Contains("RunCloud", code, StringComparison.Ordinal);
            Assert.NotEmpty(Text(example, "title"));
            Assert.NotEmpty(Text(example, "introduction") + Text(example, "remarks"));
        });
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_examples_use_commands_and_parameters_that_there_are(string command)
    {
        using var shell = new Shell();
        var known = (await shell.RunAsync("Get-Command -Module RunCloud.PowerShell", Token)).OutputOf<CommandInfo>().ToDictionary(info => info.Name, StringComparer.OrdinalIgnoreCase);
        var help = await HelpAsync(shell, command);
        var used = Items(Items(help, "examples").Single(), "example")
            .SelectMany(example => Parser.ParseInput(Text(example, "code"), out _, out _).FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true)).Cast<CommandAst>()
            .Where(call => call.GetCommandName()?.Contains("RunCloud", StringComparison.OrdinalIgnoreCase) == true).ToList();
        Assert.Contains(used, call => call.GetCommandName() == command);
        Assert.All(used, call => Assert.All(
            call.CommandElements.OfType<CommandParameterAst>(),
            parameter => Assert.True(known[call.GetCommandName()].Parameters.ContainsKey(parameter.ParameterName), $"{call.GetCommandName()} -{parameter.ParameterName}")));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_parameter_is_explained_and_described_as_it_is(string command)
    {
        using var shell = new Shell();
        var help = await HelpAsync(shell, command);
        var info = (await shell.RunAsync("Get-Command " + command, Token)).OutputOf<CommandInfo>().Single();
        var explained = Items(Items(help, "parameters").Single(), "parameter").ToDictionary(parameter => Text(parameter, "name"), StringComparer.Ordinal);
        var real = info.Parameters.Values.Where(IsOwn).ToList();
        Assert.Equal(real.Select(parameter => parameter.Name).Order(StringComparer.Ordinal), explained.Keys.Order(StringComparer.Ordinal));
        foreach (var parameter in real)
        {
            var said = explained[parameter.Name];
            var sets = parameter.ParameterSets.Values.ToList();
            Assert.True(Text(said, "description").Length > 10, parameter.Name);
            Assert.Equal((parameter.Name, sets.TrueForAll(set => set.IsMandatory)), (parameter.Name, Flag(said, "required")));
            Assert.Equal((parameter.Name, sets[0].Position < 0 ? "named" : $"{sets[0].Position}"), (parameter.Name, Text(said, "position")));
            Assert.Equal((parameter.Name, Pipeline(sets)), (parameter.Name, Text(said, "pipelineInput")));
            Assert.Equal((parameter.Name, parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any()), (parameter.Name, Flag(said, "globbing")));
            Assert.Equal((parameter.Name, TypeName(parameter.ParameterType)), (parameter.Name, Text(Items(said, "type").Single(), "name")));
            Assert.Equal((parameter.Name, parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)), (parameter.Name, Text(said, "aliases")));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_syntax_has_the_parameter_sets_that_there_are(string command)
    {
        using var shell = new Shell();
        var help = await HelpAsync(shell, command);
        var info = (await shell.RunAsync("Get-Command " + command, Token)).OutputOf<CommandInfo>().Single();
        var said = Items(Items(help, "syntax").Single(), "syntaxItem")
            .Select(item => string.Join(" ", Items(item, "parameter").Select(parameter => $"{Text(parameter, "name")}:{Flag(parameter, "required")}").Order(StringComparer.Ordinal)));
        var real = info.ParameterSets
            .Select(set => string.Join(" ", set.Parameters.Where(parameter => IsOwn(info.Parameters[parameter.Name])).Select(parameter => $"{parameter.Name}:{parameter.IsMandatory}").Order(StringComparer.Ordinal)));
        Assert.Equal(real.Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_topic_is_found_and_names_every_command()
    {
        using var shell = new Shell();
        var topic = (await shell.RunAsync("Get-Help about_RunCloud", Token)).Output.Single().ToString();
        Assert.StartsWith("TOPIC", topic, StringComparison.Ordinal);
        Assert.All(Commands, command => Assert.Contains(command.Data, topic, StringComparison.Ordinal));
        var found = (await shell.RunAsync("Get-Help *RunCloud*", Token)).Output.Select(item => item.Properties["Name"].Value.ToString());
        Assert.Contains("about_RunCloud", found);
    }

    private static bool IsOwn(ParameterMetadata parameter) =>
        !Cmdlet.CommonParameters.Contains(parameter.Name) && (!Cmdlet.OptionalCommonParameters.Contains(parameter.Name) || parameter.Name is "WhatIf" or "Confirm");

    private static string Pipeline(IReadOnlyCollection<ParameterSetMetadata> sets)
    {
        var ways = new List<string>();
        if (sets.Any(set => set.ValueFromPipeline))
        {
            ways.Add("ByValue");
        }

        if (sets.Any(set => set.ValueFromPipelineByPropertyName))
        {
            ways.Add("ByPropertyName");
        }

        return ways.Count == 0 ? "False" : $"True ({string.Join(", ", ways)})";
    }

    /// <summary>As the pages write it: PowerShell's short name where it has one, else the full name.</summary>
    private static string TypeName(Type type)
    {
        var element = type.IsArray ? type.GetElementType()! : type;
        var name = Type.GetTypeCode(element) is not TypeCode.Object || element.Namespace!.StartsWith("System", StringComparison.Ordinal) ? ToStringParameterType(element) : element.FullName!;
        return type.IsArray ? name + "[]" : name;
    }

    private static string ToStringParameterType(Type type) => Microsoft.PowerShell.ToStringCodeMethods.Type(PSObject.AsPSObject(type));

    private static async Task<PSObject> HelpAsync(Shell shell, string command) => (await shell.RunAsync($"Get-Help {command} -Full", Token)).Output.Single();

    private static IReadOnlyList<PSObject> Items(PSObject item, string property) => item.Properties[property]?.Value switch
    {
        null => [],
        object[] several => [.. several.Select(PSObject.AsPSObject)],
        var one => [PSObject.AsPSObject(one)],
    };

    /// <summary>The text of a property, all its paragraphs together.</summary>
    private static string Text(PSObject item, string property) =>
        string.Join(" ", Items(item, property).Select(part => part.Properties["Text"]?.Value?.ToString() ?? part.ToString())).Trim();

    private static bool Flag(PSObject item, string property) => bool.Parse(Text(item, property));
}
