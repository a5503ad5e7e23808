using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Names that may have wildcards: any of them is wanted, in any case; none given means all.</summary>
internal sealed class NamePatterns(string[]? names)
{
    private readonly WildcardPattern[] patterns =
        [.. (names ?? []).Select(name => new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant))];

    private readonly bool[] matched = new bool[names?.Length ?? 0];

    /// <summary>The names without wildcards that nothing has matched so far.</summary>
    internal IEnumerable<string> ExactUnmatched =>
        (names ?? []).Where((name, i) => !matched[i] && !WildcardPattern.ContainsWildcardCharacters(name));

    internal bool Accept(string? value)
    {
        var accepted = patterns.Length == 0;
        for (var i = 0; i < patterns.Length; i++)
        {
            if (patterns[i].IsMatch(value ?? string.Empty))
            {
                matched[i] = true;
                accepted = true;
            }
        }

        return accepted;
    }
}
