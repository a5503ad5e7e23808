using System.Text;

namespace RunCloud.HelpBuilder;

/// <summary>Turns the Markdown under <c>docs/</c> into the help files that the shell reads.</summary>
public static class HelpBuild
{
    /// <summary>The shell looks for a compiled cmdlet's help under the name of its assembly, in the culture's folder beside the manifest.</summary>
    public const string CmdletHelpFile = "RunCloud.PowerShell.dll-Help.xml";

    /// <summary>The name under which <c>Get-Help</c> finds the module's topic.</summary>
    public const string TopicHelpFile = "about_RunCloud.help.txt";

    private const string TopicPage = "about_RunCloud.md";

    /// <summary>
    /// Reads <c>cmdlets/*.md</c> and <c>about_RunCloud.md</c> and writes both help files. Nothing is written when a page is
    /// malformed, and a file whose text would not change is left alone.
    /// </summary>
    /// <param name="docsDirectory">The directory with the pages.</param>
    /// <param name="outputDirectory">Where the help files go; made when it is not there.</param>
    /// <param name="log">Takes one line for each fault, in the form that MSBuild reads as an error: <c>file(line): error RCH001: text</c>.</param>
    /// <param name="onlinePages">Where the pages stand on the web, without a slash at the end, for <c>Get-Help -Online</c>; <see langword="null"/> for nowhere.</param>
    /// <returns>The exit code: 0 when the files are up to date, 1 when a page is malformed.</returns>
    public static int Run(string docsDirectory, string outputDirectory, TextWriter log, string? onlinePages = null)
    {
        ArgumentNullException.ThrowIfNull(docsDirectory);
        ArgumentNullException.ThrowIfNull(outputDirectory);
        ArgumentNullException.ThrowIfNull(log);

        var faults = new List<Fault>();
        var pages = new List<CmdletPage>();
        var cmdlets = Path.Combine(docsDirectory, "cmdlets");
        var files = Directory.Exists(cmdlets) ? Directory.GetFiles(cmdlets, "*.md") : [];
        if (files.Length == 0)
        {
            faults.Add(new Fault(cmdlets, 1, "there is no page of a cmdlet here"));
        }

        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            pages.Add(CmdletPageReader.Read(MarkdownFile.Read(file, faults)));
        }

        var topicFile = Path.Combine(docsDirectory, TopicPage);
        var topic = string.Empty;
        if (File.Exists(topicFile))
        {
            topic = TopicWriter.Write(MarkdownFile.Read(topicFile, faults));
        }
        else
        {
            faults.Add(new Fault(topicFile, 1, "the module's topic is missing"));
        }

        foreach (var fault in faults)
        {
            log.WriteLine(fault.ToString());
        }

        if (faults.Count > 0)
        {
            return 1;
        }

        Directory.CreateDirectory(outputDirectory);
        WriteWhenChanged(Path.Combine(outputDirectory, CmdletHelpFile), MamlWriter.Write(pages, onlinePages));
        WriteWhenChanged(Path.Combine(outputDirectory, TopicHelpFile), topic);
        return 0;
    }

    internal static void WriteWhenChanged(string path, string text)
    {
        var bytes = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetBytes(text);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            File.WriteAllBytes(path, bytes);
        }
    }
}
