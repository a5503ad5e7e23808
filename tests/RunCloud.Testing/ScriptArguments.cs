using System.Management.Automation.Runspaces;

namespace RunCloud.Testing;

/// <summary>The arguments behind <c>pwsh -File script.ps1</c>, read as pwsh reads them: they are text, and no expression is worked out.</summary>
internal static class ScriptArguments
{
    /// <summary>Reads them.</summary>
    /// <param name="arguments">As a process gets them.</param>
    public static IEnumerable<CommandParameter> Read(IEnumerable<string> arguments)
    {
        string? named = null;
        foreach (var argument in arguments)
        {
            var colon = argument.IndexOf(':', StringComparison.Ordinal);
            if (named is not null)
            {
                yield return new CommandParameter(named, argument);
                named = null;
            }
            else if (argument.Length < 2 || argument[0] != '-')
            {
                yield return new CommandParameter(name: null, argument);
            }
            else if (colon < 0)
            {
                yield return new CommandParameter(argument);
            }
            else if (colon == argument.Length - 1)
            {
                named = argument[..colon];
            }
            else
            {
                yield return new CommandParameter(argument[..colon], Value(argument[(colon + 1)..]));
            }
        }

        if (named is not null)
        {
            yield return new CommandParameter(named);
        }
    }

    // The only two words that mean something, so that a switch can be turned off.
    private static object Value(string text) => text.ToUpperInvariant() switch
    {
        "$TRUE" => true,
        "$FALSE" => false,
        _ => text,
    };
}
