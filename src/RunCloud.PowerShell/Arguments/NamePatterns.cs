using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>Names, wildcards allowed, compared without case. A name matches if any pattern does; without patterns all names match.</summary>
/// <remarks>A pattern also matches literally: a server called <c>[prod] web*</c> is found under exactly that name.</remarks>
internal sealed class NamePatterns(string[]? names)
{
    private readonly WildcardPattern?[] _patterns = [.. (names ?? []).Select(Pattern)];

    private readonly bool[] _matched = new bool[names?.Length ?? 0];

    /// <summary>The names without wildcards that have matched nothing so far.</summary>
    internal IEnumerable<string> ExactUnmatched =>
        Unmatched.Where(name => Pattern(name) is null || !WildcardPattern.ContainsWildcardCharacters(name));

    /// <summary>The names and patterns that have matched nothing so far.</summary>
    internal IEnumerable<string> Unmatched => (names ?? []).Where((_, i) => !_matched[i]);

    internal bool Accept(string? value)
    {
        var accepted = _patterns.Length == 0;
        for (var i = 0; i < _patterns.Length; i++)
        {
            if (string.Equals(names![i], value, StringComparison.OrdinalIgnoreCase) || _patterns[i]?.IsMatch(value ?? string.Empty) == true)
            {
                _matched[i] = true;
                accepted = true;
            }
        }

        return accepted;
    }

    /// <summary>The pattern; <see langword="null"/> for text that is not a valid pattern, such as <c>web[</c>, which can only be a name.</summary>
    private static WildcardPattern? Pattern(string name)
    {
        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        try
        {
            _ = pattern.IsMatch(string.Empty);
            return pattern;
        }
        catch (WildcardPatternException)
        {
            return null;
        }
    }
}
