using System.Globalization;
using System.Text.RegularExpressions;

namespace RunCloud.HelpBuilder;

/// <content>Types, errors and links, and what holds between the parts.</content>
internal sealed partial class CmdletPageReader
{
    private void ReadTypes(Section section, List<PipelineType> types)
    {
        foreach (var (title, blocks) in Parts(section))
        {
            var text = Texts(blocks);
            if (text.Count == 0)
            {
                _file.Report(title.Line, $"'{title.Text}' has no text");
            }

            types.Add(new PipelineType(title.Text, text));
        }
    }

    private void ReadErrors(Section section)
    {
        if (section.Blocks is not [.., Table table])
        {
            _file.Report(section.Title!.Line, "the section ERRORS must end with a table of the error ids");
            return;
        }

        foreach (var row in table.Rows.Where(row => row.Cells.Count != 2))
        {
            _file.Report(row.Line, "the table of errors has two columns: the error id, and what it means and what to do");
        }

        _page.Errors = [.. Texts(section.Blocks.SkipLast(1)), string.Join('\n', table.Rows.Select(row => $"- {row.Cells[0]}: {row.Cells[^1]}"))];
    }

    private void ReadRelatedLinks(Section section)
    {
        if (section.Blocks is [Bullets links])
        {
            _page.RelatedLinks = links.Items;
        }
        else
        {
            _file.Report(section.Title!.Line, "the section RELATED LINKS is one list of links");
        }
    }

    /// <summary>The statements and the sections of the parameters tell the same twice; here they are held against each other.</summary>
    private void CompareSyntaxWithParameters()
    {
        foreach (var (statement, line) in _page.Syntax.Zip(_syntaxLines))
        {
            foreach (var element in statement)
            {
                var parameter = _page.Parameters.Find(known => string.Equals(known.Name, element.Name, StringComparison.Ordinal));
                if (parameter is null)
                {
                    _file.Report(line, $"the syntax names -{element.Name}, which has no section under PARAMETERS");
                    continue;
                }

                CompareElement(element, parameter);
            }
        }

        foreach (var parameter in _page.Parameters.Where(known => !_page.Syntax.Exists(
            statement => statement.Any(element => string.Equals(element.Name, known.Name, StringComparison.Ordinal)))))
        {
            _file.Report(parameter.Line, $"-{parameter.Name} stands in no syntax statement");
        }
    }

    private void CompareElement(SyntaxElement element, Parameter parameter)
    {
        var type = parameter.Type.Split('.')[^1];
        if (!string.Equals(element.Type ?? "switch", type, StringComparison.Ordinal))
        {
            _file.Report(parameter.Line, $"-{parameter.Name} is of type {type}, but the syntax has {element.Type ?? "a switch"}");
        }

        if (element.Required != parameter.Required)
        {
            _file.Report(parameter.Line, $"-{parameter.Name} has 'Required: {(parameter.Required ? "true" : "false")}', but not so in the syntax");
        }

        if (element.Positional != parameter.Position.HasValue)
        {
            _file.Report(parameter.Line, $"-{parameter.Name} {(element.Positional ? "has" : "has no")} position in the syntax, but not so in its attributes");
        }
    }

    private sealed record Section(Heading? Title, List<Block> Blocks);
}
