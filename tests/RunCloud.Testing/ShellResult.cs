using System.Collections;
using System.Management.Automation;
using System.Text;

namespace RunCloud.Testing;

/// <summary>The result of one script. Records are in the order in which they were written.</summary>
public sealed record ShellResult
{
    /// <summary>The objects that came out; none if the run was rendered, for then they are text on the <see cref="Screen"/>.</summary>
    public required IReadOnlyList<PSObject> Output { get; init; }

    /// <summary>The error records; none if the run was rendered. What ends a statement is among them, what ends the script is not.</summary>
    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    /// <summary>The warnings.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The verbose messages, where asked for.</summary>
    public required IReadOnlyList<string> Verbose { get; init; }

    /// <summary>The debug messages, where asked for.</summary>
    public required IReadOnlyList<string> Debug { get; init; }

    /// <summary>The information records.</summary>
    public required IReadOnlyList<InformationRecord> Information { get; init; }

    /// <summary>The progress records, closing ones included.</summary>
    public required IReadOnlyList<ShellProgress> Progress { get; init; }

    /// <summary>The questions that the host was to ask.</summary>
    public required IReadOnlyList<ShellPrompt> Prompts { get; init; }

    /// <summary>What was written to the screen in the meantime: warnings and the like with their prefix, "What if" lines, and rendered output.</summary>
    public required string Screen { get; init; }

    /// <summary>What ended the script: a <c>throw</c>, an error with <c>-ErrorAction Stop</c>, or <see cref="PipelineStoppedException"/> after a stop. <see langword="null"/> if it ran to its end.</summary>
    public required Exception? Terminating { get; init; }

    /// <summary>What <c>$?</c> was behind the last statement; <see langword="null"/> if the script did not get there.</summary>
    public required bool? LastSucceeded { get; init; }

    /// <summary>Whether the engine counts the run as one with errors.</summary>
    public required bool HadErrors { get; init; }

    /// <summary>Whether the run was stopped, as by Ctrl+C.</summary>
    public bool Stopped => Terminating is PipelineStoppedException;

    /// <summary>The objects that came out, as what they are underneath.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <exception cref="InvalidCastException">One is of another type.</exception>
    public IReadOnlyList<T> OutputOf<T>() => [.. Output.Select(item => (T)item.BaseObject)];

    /// <summary>
    /// Everything readable from this run: each stream, the screen, the questions, the objects with their properties, the
    /// errors with all their parts and the whole chain of exceptions. For finding secrets.
    /// </summary>
    public string AllText()
    {
        var text = new StringBuilder();
        foreach (var item in Output)
        {
            _ = text.Append(item).Append('\n').Append(PSSerializer.Serialize(item, 3)).Append('\n');
        }

        foreach (var error in Errors)
        {
            AppendError(text, error);
        }

        AppendException(text, Terminating);
        foreach (var line in Warnings.Concat(Verbose).Concat(Debug).Concat<object>(Information).Concat(Information.SelectMany(record => record.Tags)).Concat(Progress))
        {
            _ = text.Append(line).Append('\n');
        }

        foreach (var prompt in Prompts)
        {
            _ = text.Append(prompt.Caption).Append('\n').Append(prompt.Message).Append('\n').AppendJoin('\n', prompt.Choices).Append('\n');
        }

        return text.Append(Screen).ToString();
    }

    private static void AppendError(StringBuilder text, ErrorRecord error)
    {
        _ = text.Append(error).Append('\n')
            .Append(error.ErrorDetails?.Message).Append('\n')
            .Append(error.ErrorDetails?.RecommendedAction).Append('\n')
            .Append(error.FullyQualifiedErrorId).Append('\n')
            .Append(error.CategoryInfo).Append('\n')
            .Append(error.InvocationInfo?.PositionMessage).Append('\n')
            .Append(error.ScriptStackTrace).Append('\n');
        if (error.TargetObject is { } target)
        {
            _ = text.Append(target).Append('\n').Append(PSSerializer.Serialize(target, 3)).Append('\n');
        }

        AppendException(text, error.Exception);
    }

    private static void AppendException(StringBuilder text, Exception? exception)
    {
        // ToString has the messages and stack traces of the whole chain, but none of the data.
        _ = text.Append(exception).Append('\n');
        for (; exception is not null; exception = exception.InnerException)
        {
            foreach (DictionaryEntry entry in exception.Data)
            {
                _ = text.Append(entry.Key).Append('=').Append(entry.Value).Append('\n');
            }
        }
    }
}
