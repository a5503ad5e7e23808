using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace RunCloud.HelpBuilder;

/// <summary>Writes pages in the XML that <c>Get-Help</c> reads for compiled cmdlets (MAML).</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Root = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Makes the help file of the module's cmdlets.</summary>
    /// <param name="pages">The pages, free of faults.</param>
    /// <param name="onlinePages">Where the pages stand on the web, without a slash at the end; <see langword="null"/> for nowhere.</param>
    /// <returns>The text of the file.</returns>
    public static string Write(IEnumerable<CmdletPage> pages, string? onlinePages = null)
    {
        var root = new XElement(
            Root + "helpItems",
            new XAttribute("schema", "maml"),
            pages.Select(page => WriteCommand(page, onlinePages)));
        var text = new Utf8Writer();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            root.Save(writer);
        }

        return text + "\n";
    }

    private static XElement WriteCommand(CmdletPage page, string? onlinePages)
    {
        var name = page.Name.Split('-', 2);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", page.Name),
                new XElement(Command + "verb", name[0]),
                new XElement(Command + "noun", name[^1]),
                Paragraphs(Maml + "description", page.Synopsis)),
            Paragraphs(Maml + "description", page.Description),
            new XElement(Command + "syntax", page.Syntax.Select(statement => WriteSyntax(page, statement))),
            new XElement(Command + "parameters", page.Parameters.Select(parameter => WriteParameter(parameter, parameter.Type))),
            new XElement(Command + "inputTypes", page.Inputs.Select(type => WriteType(Command + "inputType", type))),
            new XElement(Command + "returnValues", page.Outputs.Select(type => WriteType(Command + "returnValue", type))),
            // MAML has a place for errors, but Get-Help does not print it; so they stand in the notes.
            new XElement(Maml + "alertSet", Paragraphs(Maml + "alert", [.. page.Notes, .. page.Errors])),
            new XElement(Command + "examples", page.Examples.Select(WriteExample)),
            // Get-Help -Online opens the first link that has an address.
            new XElement(
                Command + "relatedLinks",
                onlinePages is null ? null : WriteLink("Online version:", $"{onlinePages}/cmdlets/{page.Name}.md"),
                page.RelatedLinks.Select(link => WriteLink(link, address: null))));
    }

    private static XElement WriteLink(string text, string? address) =>
        new(Maml + "navigationLink", new XElement(Maml + "linkText", text), new XElement(Maml + "uri", address));

    private static XElement WriteSyntax(CmdletPage page, IEnumerable<SyntaxElement> statement) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", page.Name),
        statement.Select(element => WriteParameter(
            page.Parameters.Single(parameter => string.Equals(parameter.Name, element.Name, StringComparison.Ordinal)), element.Type)));

    private static XElement WriteParameter(Parameter parameter, string? type)
    {
        var isSwitch = parameter.Type is "switch";
        return new XElement(
            Command + "parameter",
            new XAttribute("required", parameter.Required),
            new XAttribute("variableLength", parameter.Type.EndsWith("[]", StringComparison.Ordinal)),
            new XAttribute("globbing", parameter.Wildcards),
            new XAttribute("pipelineInput", parameter.PipelineInput is null ? "False" : $"True ({parameter.PipelineInput})"),
            new XAttribute("position", parameter.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases ?? "none"),
            new XElement(Maml + "name", parameter.Name),
            Paragraphs(Maml + "description", parameter.Text),
            isSwitch ? null : new XElement(Command + "parameterValue", new XAttribute("required", value: true), type),
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.Type), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", parameter.Default ?? (isSwitch ? "False" : "None")));
    }

    private static XElement WriteType(XName name, PipelineType type) => new(
        name,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Type), new XElement(Maml + "uri")),
        Paragraphs(Maml + "description", type.Text));

    /// <summary>
    /// The shell prints the introduction and the code without a break between them, but breaks after each paragraph of the
    /// introduction save the last: the prompt, as the last, brings the code to a line of its own in both editions. The empty
    /// remark at the end parts the example from the next one.
    /// </summary>
    private static XElement WriteExample(Example example) => new(
        Command + "example",
        new XElement(Maml + "title", example.Title),
        Paragraphs(Maml + "introduction", [.. example.Before, "PS> "]),
        new XElement(Dev + "code", example.Code),
        Paragraphs(Dev + "remarks", [.. example.Output.Length > 0 ? [example.Output] : Array.Empty<string>(), .. example.After, string.Empty]));

    private static XElement Paragraphs(XName name, IEnumerable<string> texts) =>
        new(name, texts.Select(text => new XElement(Maml + "para", text)));

    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
