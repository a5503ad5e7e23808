namespace RunCloud.HelpBuilder;

/// <summary>Something that keeps a page from becoming help.</summary>
/// <param name="Path">The page.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">What is wrong with it.</param>
internal sealed record Fault(string Path, int Line, string Message)
{
    /// <summary>The fault in MSBuild's canonical form, which its <c>Exec</c> task reports as an error of that file and line.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString() => FormattableString.Invariant($"{System.IO.Path.GetFullPath(Path)}({Line}): error RCH001: {Message}");
}
