using System.Text.RegularExpressions;

namespace RunCloud.HelpBuilder;

/// <summary>Completes the module's manifest with what the build knows: the commands as tags, the files, and the links of a release.</summary>
public static partial class ManifestBuild
{
    /// <summary>The longest that a pattern may take.</summary>
    private const int Patience = 1000;

    /// <summary>Reads a manifest and writes the complete one into the staged module, if its text would change.</summary>
    /// <param name="manifest">The manifest in the repository.</param>
    /// <param name="stagedModule">The folder of the staged module, with all other files in it.</param>
    /// <param name="version">The version of the release.</param>
    /// <param name="project">The address of the project, without a slash at the end; <see langword="null"/> leaves the links as they are.</param>
    /// <returns>The tags, for the package, with blanks between them.</returns>
    /// <exception cref="FormatException">The manifest lacks a line that is to be completed.</exception>
    public static string Run(string manifest, string stagedModule, string version, string? project)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(stagedModule);
        var name = Path.GetFileName(manifest);
        var text = File.ReadAllText(manifest);
        var commands = Command().Matches(text).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal).ToList();
        text = Replace(text, Version(), $"${{key}}'{version}'");
        text = Replace(text, Tags(), "${key}@(${tags}, 'PSIncludes_Cmdlet', " + string.Join(", ", commands.Select(command => $"'PSCmdlet_{command}', 'PSCommand_{command}'")) + ")");
        if (project is not null)
        {
            var files = $"{project}/blob/v{version}";
            text = Replace(text, License(), $"${{key}}'{files}/LICENSE'\n            ProjectUri   = '{project}'");
            text = Replace(text, Notes(), $"${{key}}'{files}/CHANGELOG.md'");
        }

        var staged = Directory.GetFiles(stagedModule, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(stagedModule, file).Replace('\\', '/')).Append(name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        text = Replace(text, PrivateData(), $"    FileList               = @('{string.Join("', '", staged)}')\n${{key}}");
        HelpBuild.WriteWhenChanged(Path.Combine(stagedModule, name), text);
        var tags = Tags().Match(text).Groups["tags"].Value;
        return string.Join(' ', tags.Split(',').Select(tag => tag.Trim().Trim('\'')));
    }

    private static string Replace(string text, Regex line, string replacement) =>
        line.Count(text) == 1 ? line.Replace(text, replacement) : throw new FormatException($"The manifest does not have this exactly once: {line}");

    [GeneratedRegex(@"(?m)^ +'(?<name>[A-Z][A-Za-z]+-RunCloud[A-Za-z]*)',?\r?$", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?m)^(?<key> +ModuleVersion += )'[^']*'", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Version();

    [GeneratedRegex(@"(?m)^(?<key> +Tags += )@\((?<tags>[^)]*)\)", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Tags();

    [GeneratedRegex(@"(?m)^(?<key> +LicenseUri += )'[^']*'", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex License();

    [GeneratedRegex(@"(?m)^(?<key> +ReleaseNotes += )'[^']*'", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex Notes();

    [GeneratedRegex(@"(?m)^(?<key> +PrivateData += )", RegexOptions.ExplicitCapture, Patience)]
    private static partial Regex PrivateData();
}
