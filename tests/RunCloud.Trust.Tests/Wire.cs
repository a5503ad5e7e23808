using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>The form of the API's answers, where its documentation is silent or disputed.</summary>
internal sealed record Wire
{
    /// <summary>Gets where keys are shortened.</summary>
    internal TruncatedKeys Keys { get; init; }

    /// <summary>Gets where and in which words a list accounts for its pages.</summary>
    internal PageAccountForm Account { get; init; }

    /// <summary>Gets what a page beyond the last one is answered with.</summary>
    internal BeyondLastPage Beyond { get; init; }

    /// <summary>Gets a value indicating whether numbers, ids and states are text.</summary>
    internal bool IsText { get; init; }

    /// <summary>Whether lists say how many rows they have.</summary>
    internal bool HasTotal => Account is not (PageAccountForm.None or PageAccountForm.MetaLastPage);

    /// <summary>The simulator's options for it.</summary>
    internal SimulatorOptions Options => new()
    {
        MaxPageSize = SmallFleet.PageSize,
        AcceptKeyOptions = true,
        TruncatedKeys = Keys,
        PageAccount = Account,
        BeyondLastPage = Beyond,
        PageNumbersAsText = IsText,
        IdsAsStrings = IsText,
        ServerState = IsText ? ServerStateForm.Text : ServerStateForm.Boolean,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Account}, {Beyond} beyond the last page, {(IsText ? "numbers as text" : "numbers")}, keys shortened {Keys}";
}
