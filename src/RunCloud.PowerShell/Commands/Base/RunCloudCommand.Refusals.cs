using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <content>Workspaces with a refused token. Their work ends, and the command ends when no workspace is left.</content>
public abstract partial class RunCloudCommand
{
    private readonly Dictionary<Origin, WorkLane> _lanes = [];
    private readonly Dictionary<Origin, RunCloudException> _refusals = [];
    private readonly List<(Origin Origin, RunCloudException Exception, object? Target)> _unsaid = [];

    /// <summary>The parallel work for one workspace.</summary>
    private protected WorkLane LaneOf(Origin origin)
    {
        if (!_lanes.TryGetValue(origin, out var lane))
        {
            lane = new WorkLane(_work!);
            _lanes.Add(origin, lane);
            if (RefusalOf(origin) is not null)
            {
                lane.BeginNoMore();
            }
        }

        return lane;
    }

    /// <summary>Why a workspace is no longer used; <see langword="null"/> if it still is.</summary>
    private protected RunCloudException? RefusalOf(Origin origin) => _refusals.TryGetValue(origin, out var refusal) ? refusal : null;

    /// <summary>Whether a token was refused.</summary>
    private protected bool HasRefusals => _refusals.Count > 0;

    /// <summary>Notes that a workspace no longer accepts its token, so that every later call would fail too. Does not end the command.</summary>
    private protected void Refuse(Origin origin, RunCloudException exception, object? target)
    {
        if (RefusalOf(origin) is null)
        {
            _refusals.Add(origin, exception);
            _unsaid.Add((origin, exception, target));
            if (_lanes.TryGetValue(origin, out var lane))
            {
                lane.BeginNoMore();
            }
        }
    }

    /// <summary>
    /// After a refused token: ends the command once results under way are delivered, or, while other workspaces are left, writes
    /// the error and goes on.
    /// </summary>
    /// <param name="isEnd">Whether the input has ended.</param>
    private protected void EndIfRefused(bool isEnd = false)
    {
        if (_unsaid.Count == 0 || (!isEnd && !HasOthersLeft && MayMeetOthers))
        {
            return;
        }

        if (!HasOthersLeft)
        {
            _outputs.ForEach(output => output.Drain(isEnd));
            ThrowTerminatingError(Failures.ToRecord(_unsaid[0].Exception, _unsaid[0].Target));
        }

        foreach (var (origin, exception, target) in _unsaid)
        {
            WriteError(Failures.EndsContext(exception, target, NameOf(origin)));
        }

        _unsaid.Clear();
    }

    /// <summary>Whether the command uses a workspace that still accepts its token.</summary>
    private protected virtual bool HasOthersLeft => false;

    /// <summary>Whether the input may still bring an object of another workspace.</summary>
    private protected virtual bool MayMeetOthers => false;

    /// <summary>The name of the connection with that origin.</summary>
    private protected virtual string NameOf(Origin origin) => string.Empty;

    /// <summary>Writes an error and goes on, even after a refused token while other workspaces are left.</summary>
    private protected void WriteFailure(RunCloudClient client, RunCloudException exception, object? target)
    {
        if (exception.IsFatal)
        {
            Refuse(client.Origin, exception, target);
            EndIfRefused();
        }
        else
        {
            WriteFailure(exception, target);
        }
    }
}
