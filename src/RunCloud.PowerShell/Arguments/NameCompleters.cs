using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Completes names that this session has read in the workspaces that the command is to call. Asks nobody over the network.</summary>
public abstract class NameCompleter : IArgumentCompleter
{
    private protected NameCompleter()
    {
    }

    private protected abstract string Kind { get; }

    private protected virtual bool TakesWildcards => true;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Runspace.DefaultRunspace is null)
        {
            return [];
        }

        var names = Contexts(fakeBoundParameters?["Context"]).SelectMany(context => NamesOf(context.Client.Origin).Select(name => (name, Hint: $"{Kind} in {context.Name}")));
        return CompletionText.For(wordToComplete, names.GroupBy(item => item.name, StringComparer.Ordinal).Select(group => group.First()), TakesWildcards);
    }

    private protected abstract IEnumerable<string> NamesOf(Origin origin);

    /// <summary>The contexts that are named on the line, as far as it can be told before it runs; else the current one.</summary>
    private static IEnumerable<Context> Contexts(object? given)
    {
        var table = ContextTable.Here;
        var named = (given is PSObject wrapped ? wrapped.BaseObject : given) switch
        {
            null => [],
            string name => new object?[] { name },
            IEnumerable several => [.. several.Cast<object?>()],
            var one => [one],
        };
        return named.Length == 0 ? (table.Current is { } current ? [current] : [])
            : named.Select(one => (one is PSObject wrapped ? wrapped.BaseObject : one) switch
            {
                Context context => context,
                ContextArgument argument => table.Find(argument),
                string name => table.All.FirstOrDefault(context => string.Equals(context.Name, name, StringComparison.OrdinalIgnoreCase)),
                _ => null,
            }).OfType<Context>();
    }
}

/// <summary>Completes the names of servers that this session has read.</summary>
public sealed class ServerNameCompleter : NameCompleter
{
    private protected override string Kind => "Server";

    private protected override IEnumerable<string> NamesOf(Origin origin) => origin.ServerNames;
}

/// <summary>Completes the names of system users that this session has read.</summary>
public sealed class UserNameCompleter : NameCompleter
{
    private protected override string Kind => "System user";

    private protected override IEnumerable<string> NamesOf(Origin origin) => origin.UserNames;
}

/// <summary>The same for a parameter that takes no wildcards.</summary>
public sealed class ExactUserNameCompleter : NameCompleter
{
    private protected override string Kind => "System user";

    private protected override IEnumerable<string> NamesOf(Origin origin) => origin.UserNames;

    private protected override bool TakesWildcards => false;
}

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
