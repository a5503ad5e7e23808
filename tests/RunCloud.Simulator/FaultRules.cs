namespace RunCloud.Simulator;

/// <summary>Which requests go wrong, and how. Rules are asked in the order in which they were added, and the first that strikes
/// ends the asking: those behind it do not count that request.</summary>
public sealed class FaultRules
{
    private readonly Lock _lock = new();
    private readonly List<FaultRule> _rules = [];

    /// <summary>Adds a rule.</summary>
    /// <param name="fault">What happens.</param>
    /// <param name="method">To requests of this method; <see langword="null"/> for any.</param>
    /// <param name="path">To paths that fit this pattern (<see cref="RecordedRequest.Matches"/>); <see langword="null"/> for any.</param>
    /// <param name="from">From which matching request on, counted from 1 at the time of adding.</param>
    /// <param name="times">To how many of them.</param>
    /// <param name="where">To requests for which this is true besides; <see langword="null"/> for all.</param>
    /// <returns>The rule, which counts.</returns>
    public FaultRule Add(
        Fault fault,
        string? method = null,
        string? path = null,
        int from = 1,
        int times = int.MaxValue,
        Func<RecordedRequest, bool>? where = null)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return Add(new FaultRule(
            request => (method is null || request.Method.Equals(method, StringComparison.Ordinal))
                && (path is null || request.Matches(path))
                && (where is null || where(request))
                    ? fault
                    : null,
            from,
            times));
    }

    /// <summary>Adds a rule that decides afresh for every request, in the order of their arrival: for random faults.</summary>
    /// <param name="choose">Gives the fault, or <see langword="null"/> for none. Calls never overlap.</param>
    /// <returns>The rule, which counts.</returns>
    public FaultRule Add(Func<RecordedRequest, Fault?> choose)
    {
        ArgumentNullException.ThrowIfNull(choose);
        return Add(new FaultRule(choose, from: 1, times: int.MaxValue));
    }

    /// <summary>Removes a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(FaultRule rule)
    {
        lock (_lock)
        {
            return _rules.Remove(rule);
        }
    }

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    internal Fault? Choose(RecordedRequest request)
    {
        lock (_lock)
        {
            foreach (var rule in _rules)
            {
                if (rule.Ask(request) is { } fault)
                {
                    return fault;
                }
            }

            return null;
        }
    }

    private FaultRule Add(FaultRule rule)
    {
        lock (_lock)
        {
            _rules.Add(rule);
        }

        return rule;
    }
}

/// <summary>One rule, and how often it was met.</summary>
public sealed class FaultRule
{
    private readonly Func<RecordedRequest, Fault?> _choose;
    private readonly int _from;
    private readonly int _times;
    private int _matched;
    private int _struck;

    internal FaultRule(Func<RecordedRequest, Fault?> choose, int from, int times)
    {
        _choose = choose;
        _from = from;
        _times = times;
    }

    /// <summary>Gets how many requests it has matched.</summary>
    public int Matched => Volatile.Read(ref _matched);

    /// <summary>Gets how many requests it has struck.</summary>
    public int Struck => Volatile.Read(ref _struck);

    internal Fault? Ask(RecordedRequest request)
    {
        if (_choose(request) is not { } fault)
        {
            return null;
        }

        _matched++;
        if (_matched < _from || _matched - _from >= _times)
        {
            return null;
        }

        _struck++;
        return fault;
    }
}
