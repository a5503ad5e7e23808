using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>The format of a report.</summary>
internal enum ReportFormat
{
    /// <summary>The report as JSON, for machines.</summary>
    Json,

    /// <summary>The page, for people.</summary>
    Html,

    /// <summary>The rows, for spreadsheets.</summary>
    Csv,
}

/// <summary>The files that -ReportPath names. The extension of each selects its format.</summary>
internal sealed class ReportFiles
{
    /// <summary>The parameter that names the files.</summary>
    private const string Parameter = "ReportPath";

    private readonly IReadOnlyList<(string Path, ReportFormat Format)> _files;

    private ReportFiles(IReadOnlyList<(string Path, ReportFormat Format)> files) => _files = files;

    /// <summary>Whether there is none.</summary>
    internal bool IsEmpty => _files.Count == 0;

    /// <summary>Checks the paths before any work begins, so that a path that cannot be written fails now and not at the end.</summary>
    /// <param name="session">What paths are resolved in.</param>
    /// <param name="reportPath">The paths; <see langword="null"/> if none was given.</param>
    /// <param name="taken">A file that no report may replace; <see langword="null"/> if there is none.</param>
    /// <param name="takenBy">The parameter that names it.</param>
    /// <param name="takesAnyName">Whether a file with another extension is written as JSON.</param>
    /// <exception cref="ArgumentException">A path cannot be used for a report. The message says why.</exception>
    internal static ReportFiles Resolve(SessionState session, IReadOnlyCollection<string>? reportPath, string? taken, string takenBy, bool takesAnyName)
    {
        var found = new List<(string Path, ReportFormat Format)>();
        foreach (var path in reportPath ?? [])
        {
            var format = FormatOf(path, takesAnyName);
            var file = PathArguments.Resolve(session, path, Parameter)!;
            if (taken is not null && IsSame(file, taken))
            {
                throw Refusal($"-{takenBy} and -ReportPath name the same file, '{file}'.");
            }

            if (found.Any(other => IsSame(other.Path, file)))
            {
                throw Refusal($"-ReportPath names the same file twice, '{file}'.");
            }

            try
            {
                PrivateFile.Probe(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Refusal($"The file '{file}' cannot be written: {e.Message}", e);
            }

            found.Add((file, format));
        }

        return new ReportFiles(found);
    }

    /// <summary>Writes each file.</summary>
    /// <param name="content">Gives the content for a format.</param>
    /// <param name="fail">Called for each file that could not be written.</param>
    internal void Write(Func<ReportFormat, byte[]> content, Action<ErrorRecord>? fail)
    {
        foreach (var (path, format) in _files)
        {
            try
            {
                PrivateFile.Write(path, content(format), replace: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                fail?.Invoke(Failures.ReportNotSaved(e, path));
            }
        }
    }

    private static ReportFormat FormatOf(string reportPath, bool takesAnyName)
    {
        var name = reportPath.TrimEnd();
        return EndsWith(".html") ? ReportFormat.Html
            : EndsWith(".csv") ? ReportFormat.Csv
            : EndsWith(".json") || takesAnyName ? ReportFormat.Json
            : throw Refusal($"The path '{Api.ApiText.Clean(reportPath)}' does not end in .json, .html or .csv. The extension selects the format.");

        bool EndsWith(string ending) => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
    }

    private static ArgumentException Refusal(string message, Exception? inner = null) => Refusal(message, Parameter, inner);

    private static ArgumentException Refusal(string message, string parameter, Exception? inner) => new(message, parameter, inner);

    private static bool IsSame(string one, string other) => string.Equals(FileLinks.Final(one), FileLinks.Final(other), StringComparison.OrdinalIgnoreCase);
}
