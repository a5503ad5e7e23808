using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Completes names that this session has read in the command's workspaces. Sends no request.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    private readonly string _kind;
    private readonly Func<Origin, IEnumerable<string>> _namesOf;
    private readonly bool _takesWildcards;

    private protected NameCompleter(string kind, Func<Origin, IEnumerable<string>> namesOf, bool takesWildcards = true)
    {
        _kind = kind;
        _namesOf = namesOf;
        _takesWildcards = takesWildcards;
    }

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Runspace.DefaultRunspace is null)
        {
            return [];
        }

        var names = Contexts(fakeBoundParameters?["Context"]).SelectMany(context => _namesOf(context.Client.Origin).Select(name => (name, Hint: $"{_kind} in {context.Name}")));
        return CompletionText.For(wordToComplete, names.GroupBy(item => item.name, StringComparer.Ordinal).Select(group => group.First()), _takesWildcards);
    }

    /// <summary>The contexts named on the command line, as far as they are known before it runs, or else the current one.</summary>
    private static IEnumerable<Context> Contexts(object? given)
    {
        var table = ContextTable.Here;
        var named = ArgumentValue.Unwrap(given) switch
        {
            null => [],
            string name => new object?[] { name },
            IEnumerable several => [.. several.Cast<object?>()],
            var one => [one],
        };
        return named.Length == 0 ? (table.Current is { } current ? [current] : [])
            : named.Select(one => ArgumentValue.Unwrap(one) switch
            {
                Context context => context,
                ContextArgument argument => table.Find(argument),
                string name => table.All.FirstOrDefault(context => string.Equals(context.Name, name, StringComparison.OrdinalIgnoreCase)),
                _ => null,
            }).OfType<Context>();
    }
}

/// <summary>Completes the names of servers that this session has read.</summary>
public sealed class ServerNameCompleter() : NameCompleter("Server", origin => origin.ServerNames);

/// <summary>Completes the names of system users that this session has read.</summary>
public sealed class UserNameCompleter() : NameCompleter("System user", origin => origin.UserNames);

/// <summary>The same for a parameter that takes no wildcards.</summary>
public sealed class ExactUserNameCompleter() : NameCompleter("System user", origin => origin.UserNames, takesWildcards: false);

/// <summary>Completes <c>$true</c> and <c>$false</c>.</summary>
public sealed class BooleanCompleter : IArgumentCompleter
{
    private static readonly string[] Values = ["$true", "$false"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Values.Where(value => value.StartsWith(wordToComplete ?? string.Empty, StringComparison.OrdinalIgnoreCase) || value.Substring(1).StartsWith(wordToComplete ?? string.Empty, StringComparison.OrdinalIgnoreCase))
            .Select(value => new CompletionResult(value, value, CompletionResultType.ParameterValue, value));
}
