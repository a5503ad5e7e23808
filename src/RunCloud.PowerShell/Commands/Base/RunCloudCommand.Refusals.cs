using System.Collections.Generic;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <content>Workspaces whose token is refused: their work ends, and the command when none is left.</content>
public abstract partial class RunCloudCommand
{
    private readonly Dictionary<Origin, WorkLane> lanes = [];
    private readonly Dictionary<Origin, RunCloudException> refusals = [];
    private readonly List<(Origin Origin, RunCloudException Exception, object? Target)> unsaid = [];

    /// <summary>The parallel work that calls one workspace.</summary>
    private protected WorkLane LaneOf(Origin origin)
    {
        if (!lanes.TryGetValue(origin, out var lane))
        {
            lane = new WorkLane(work!);
            lanes.Add(origin, lane);
            if (RefusalOf(origin) is not null)
            {
                lane.BeginNoMore();
            }
        }

        return lane;
    }

    /// <summary>Why a workspace is no longer called; <see langword="null"/> for one that is.</summary>
    private protected RunCloudException? RefusalOf(Origin origin) => refusals.TryGetValue(origin, out var refusal) ? refusal : null;

    /// <summary>Whether a token was refused.</summary>
    private protected bool HasRefusals => refusals.Count > 0;

    /// <summary>Notes that a workspace no longer accepts its token: every later call of it would fail too. Ends nothing by itself.</summary>
    private protected void Refuse(Origin origin, RunCloudException exception, object? target)
    {
        if (RefusalOf(origin) is null)
        {
            refusals.Add(origin, exception);
            unsaid.Add((origin, exception, target));
            if (lanes.TryGetValue(origin, out var lane))
            {
                lane.BeginNoMore();
            }
        }
    }

    /// <summary>
    /// Where a token was refused: ends the command once what is under way is delivered, or, while other workspaces are left to call, writes
    /// the error and goes on.
    /// </summary>
    /// <param name="isEnd">Whether no more input comes.</param>
    private protected void EndIfRefused(bool isEnd = false)
    {
        if (unsaid.Count == 0 || (!isEnd && !HasOthersLeft && MayMeetOthers))
        {
            return;
        }

        if (!HasOthersLeft)
        {
            outputs.ForEach(output => output.Drain(isEnd));
            ThrowTerminatingError(Failures.ToRecord(unsaid[0].Exception, unsaid[0].Target));
        }

        foreach (var (origin, exception, target) in unsaid)
        {
            WriteError(Failures.EndsContext(exception, target, NameOf(origin)));
        }

        unsaid.Clear();
    }

    /// <summary>Whether the command calls a workspace that still accepts its token.</summary>
    private protected virtual bool HasOthersLeft => false;

    /// <summary>Whether the input may still bring an object of another workspace.</summary>
    private protected virtual bool MayMeetOthers => false;

    /// <summary>What people call the connection that objects of that origin were read through.</summary>
    private protected virtual string NameOf(Origin origin) => string.Empty;

    /// <summary>Writes an error and goes on, also where a token was refused while other workspaces are left to call.</summary>
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
