using System.Management.Automation;
using System.Text.Json;
using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>
/// Compares a command's objects and errors with the truth in the simulator. It shares no code with the client: what a
/// copy of the key is, the simulator says.
/// </summary>
internal sealed partial class Checker
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly HashSet<string> KnownErrors = [.. Enum.GetNames<Api.RunCloudError>(), "ConfirmationUnavailable", "SystemUserNotFound"];

    /// <summary>Faults that change lists behind the reader's back, and answer everything truly.</summary>
    private static readonly HashSet<string> Shifting = [Fault.RowGoes.Name, Fault.RowComes.Name, Fault.RowMoves.Name, Fault.RowsChange.Name];

    private static readonly HashSet<string> Unreadable = [.. Enumerable.Range(0, 500).Select(seed => TestKeys.Unparsable(seed))];

    private readonly Outcome _outcome;
    private readonly Order _order;
    private readonly IReadOnlyDictionary<long, FleetServer> _servers;
    private readonly IReadOnlyList<FleetCredential> _wanted;
    private readonly HashSet<(long Server, long Id)> _there;
    private readonly IReadOnlyList<(RecordedRequest Request, Endpoint Endpoint)> _requests;
    private readonly IReadOnlyList<(long? Server, long? Credential)> _named;
    private readonly HashSet<long> _read;

    private Checker(Outcome outcome, Order order)
    {
        (_outcome, _order) = (outcome, order);
        _servers = outcome.Before.Servers.Where(server => !server.Shared && order.Servers(server)).ToDictionary(server => server.Id);
        _wanted = [.. outcome.Before.CopiesOf(order.Key).Where(copy => _servers.ContainsKey(copy.ServerId) && order.Copies(copy))];
        _there = [.. outcome.After.Credentials.Select(credential => (credential.ServerId, credential.Id))];
        var endpoints = new Endpoints();
        _requests = [.. outcome.Requests.Select(request => (request, endpoints.Of(request)))];
        _named = [.. outcome.Result.Errors.Select(TargetOf)];
        _read = [.. _servers.Keys.Where(WasRead)];
    }

    private bool Ended => _outcome.Ended is not null;

    private IEnumerable<FleetCredential> Left => _wanted.Where(copy => _there.Contains((copy.ServerId, copy.Id)));

    /// <summary>The problems of the result, in words.</summary>
    internal static IReadOnlyList<string> Check(Outcome outcome, Order order)
    {
        var checker = new Checker(outcome, order);
        return
        [
            .. checker.End(),
            .. checker.Claims(),
            .. checker.Silence(),
            .. checker.Deeds(),
            .. checker.Account(),
            .. checker.AccountOfServers(),
            .. checker.Replacement(),
            .. checker.Remainder(),
            .. checker.Files(),
            .. checker.Isolation(),
            .. checker.Secrecy(),
        ];
    }

    /// <summary>The command ends on its own, and only a failure of every later call ends it early.</summary>
    private IEnumerable<string> End()
    {
        if (_outcome.Endless is { } endless)
        {
            yield return $"It did not end: {endless}.";
        }

        if (_outcome.Took > Longest)
        {
            yield return $"It took {_outcome.Took}.";
        }

        if (_outcome.Endless is null && _outcome.Result.Terminating is { } terminating)
        {
            yield return $"The script broke: {terminating}";
        }

        if (Ended && !MayEndWith(IdOf(_outcome.Ended!)))
        {
            yield return $"It was ended by {Show(_outcome.Ended!)}.";
        }

        foreach (var error in _outcome.Result.Errors.Where(error => !KnownErrors.Contains(IdOf(error))))
        {
            yield return $"Nobody has heard of {Show(error)}.";
        }
    }

    /// <summary>
    /// What makes every later call fail ends a command; and one that accounts for servers, that none could be listed, or that one that is
    /// to be left alone was not among them.
    /// </summary>
    private bool MayEndWith(string id) => id == "Unauthorized"
        || (_order.AccountsForServers && KnownErrors.Contains(id) && !_requests.Any(entry => entry.Endpoint == Endpoint.List))
        || (_order.NamesUsers && id == "SystemUserNotFound" && _outcome.Revocations.Count == 0 && !_requests.Any(entry => entry.Request.IsChanging))
        || (_order.NamesServers && id == "ServerNotFound" && !_requests.Any(entry => entry.Request.IsChanging));

    /// <summary>Nothing is reported gone that is still there, or that is on an unreachable server.</summary>
    private IEnumerable<string> Claims()
    {
        foreach (var removal in _outcome.Removals.Where(IsGood))
        {
            if (_there.Contains((removal.ServerId, removal.Id)) && !WasBelieved(removal.ServerId, removal.Id))
            {
                yield return $"{removal}, and it is there.";
            }

            if (_order.Verifies && !WasReadBack(removal) && !WasHiddenBy(Endpoint.ReadBack, removal.ServerId))
            {
                yield return $"{removal}, and nobody read it back.";
            }

            if (removal.Status == "Removed" && _servers.TryGetValue(removal.ServerId, out var server) && !IsReachable(server))
            {
                yield return $"{removal}, and the server is not reachable.";
            }
        }
    }

    /// <summary>Everything that was not read or is still there is named by an error, or the whole command fails.</summary>
    private IEnumerable<string> Silence()
    {
        if (Ended)
        {
            yield break;
        }

        foreach (var copy in Left.Where(copy => !_order.Declined.Contains(copy.Id) && !IsNamed(copy.ServerId, copy.Id) && !IsExcused(copy)))
        {
            yield return $"{Show(copy)} is there, and no error says so.";
        }

        foreach (var server in _servers.Values.Where(server => _order.ReadsLists && !_read.Contains(server.Id) && !IsNamed(server.Id) && !WasHidden(server.Id)))
        {
            yield return $"{server.Name} ({server.Id}) was not read whole, and no error says so.";
        }

        foreach (var copy in _wanted.Where(copy => !IsReachable(_servers[copy.ServerId]) && !_there.Contains((copy.ServerId, copy.Id))))
        {
            if (!IsNamed(copy.ServerId, copy.Id) && !IsAbsent(copy) && WasRemoved(copy))
            {
                yield return $"{Show(copy)} was removed where nobody can reach it, and no error says so.";
            }
        }

        var known = _outcome.Before.Credentials.Select(credential => credential.Id).ToHashSet();
        foreach (var copy in _outcome.After.CopiesOf(_order.Key).Where(copy => !known.Contains(copy.Id) && _servers.ContainsKey(copy.ServerId) && _order.Copies(copy)))
        {
            // Where the read-back failed, nobody can name the new one: then an error about the old one, or the server, is said.
            if (!_named.Any(name => name.Server == copy.ServerId) && (_order.Verifies || !WasStruck(Endpoint.Removal, OutOfReach.Undoing, copy.ServerId)))
            {
                yield return $"{Show(copy)} has come back, and no error says so.";
            }
        }
    }

    /// <summary>Nothing is removed that was not requested, or that the user declined.</summary>
    private IEnumerable<string> Deeds()
    {
        var wanted = _wanted.Select(copy => copy.Id).ToHashSet();
        wanted.ExceptWith(_order.Declined);
        foreach (var (request, _) in _requests.Where(entry => entry.Endpoint == Endpoint.Removal))
        {
            if (!wanted.Contains(Endpoints.CredentialOf(request)!.Value))
            {
                yield return $"{request} removes what nobody asked for.";
            }
        }

        foreach (var user in _outcome.Before.Credentials.Where(_ => _order.KeepsLast).GroupBy(credential => (credential.ServerId, credential.User)))
        {
            if (user.All(credential => _requests.Any(entry => IsRemovalOf(entry.Request, credential)))
                && !_outcome.After.Credentials.Any(credential => credential.ServerId == user.Key.ServerId && credential.User == user.Key.User))
            {
                yield return $"{user.Key.User} has lost every credential on {user.Key.ServerId}.";
            }
        }

        var mayAdd = _order is { NewKey: not null, IsCarriedOut: true };
        foreach (var (request, _) in _requests.Where(entry => entry.Request.IsChanging && entry.Endpoint != Endpoint.Removal && !(mayAdd && entry.Endpoint == Endpoint.Addition)))
        {
            yield return $"{request} changes what nobody asked for.";
        }
    }

    /// <summary>Credentials are saved before they are removed, and the report matches the output.</summary>
    private IEnumerable<string> Files()
    {
        foreach (var file in _outcome.Litter)
        {
            yield return $"It left {file}.";
        }

        if (!_order.SavesFiles || _outcome.SavedBefore is null)
        {
            yield break;
        }

        if (_outcome.SavedBefore == false || _outcome.Undo is null)
        {
            yield return "Something was changed before what goes was saved.";
            yield break;
        }

        var saved = PSSerializer.DeserializeAsList(_outcome.Undo).Select(item => (PSObject)item).ToLookup(item => item.Properties["Id"].Value);
        foreach (var copy in _wanted.Where(copy => !Left.Contains(copy) && WasTakenByUs(copy)))
        {
            if (saved[copy.Id].FirstOrDefault() is not { } found)
            {
                yield return $"{Show(copy)} is gone, and was not saved.";
            }
            else if ((string?)found.Properties["PublicKey"].Value != copy.PublicKey
                || (!_outcome.Requests.Any(request => request.Fault == "no user, no label, no name")
                    && ((string?)found.Properties["User"].Value != copy.User || (string?)found.Properties["Label"].Value != copy.Label)))
            {
                yield return $"{Show(copy)} was saved as another.";
            }
            else if (!Equals(found.Properties["Temporary"].Value, copy.Temporary) && !Warns($"(id {copy.Id},"))
            {
                yield return $"{Show(copy)} was saved with another flag, and no warning says so.";
            }
        }

        if (_outcome.Report is null)
        {
            yield return "There is no report.";
            yield break;
        }

        using var report = JsonDocument.Parse(_outcome.Report);
        var told = report.RootElement.GetProperty("servers").EnumerateArray().Select(server =>
            $"{server.GetProperty("serverId")} {server.GetProperty("status")}: "
            + string.Join(", ", server.GetProperty("removals").EnumerateArray().Select(removal => $"{removal.GetProperty("id")} {removal.GetProperty("status")}")));
        var said = _outcome.Revocations.Select(revocation =>
            $"{revocation.ServerId} {revocation.Status}: " + string.Join(", ", revocation.Removals.Select(removal => $"{removal.Id} {removal.Status}")));
        if (!told.SequenceEqual(said, StringComparer.Ordinal))
        {
            yield return $"The report says something else than the output: {_outcome.Report}";
        }

        if (report.RootElement.GetProperty("complete").GetBoolean() && _servers.Keys.Any(server => _outcome.Revocations.All(revocation => revocation.ServerId != server) && !WasHidden(server) && IsStillThere(server)))
        {
            yield return "The report is said to be complete, and is not.";
        }
    }

    /// <summary>One bad server never stops the others: what nothing happened to is clean in the end.</summary>
    private IEnumerable<string> Isolation()
    {
        var struck = _requests.Where(entry => entry.Request.Fault is not null).ToList();
        if (Ended || struck.Any(entry => entry.Endpoint == Endpoint.Servers || entry.Request.Status == 429))
        {
            yield break;
        }

        // Where nothing is answered, the rate limiter cannot know whether the limit is used up, and may have to give up on others.
        var limited = _outcome.Result.Errors.Where(error => WasRateLimited(error.Exception)).Select(error => TargetOf(error).Server).ToList();
        if (limited.Contains(null))
        {
            yield break;
        }

        var touched = struck.Select(entry => Endpoints.ServerOf(entry.Request)).Concat(limited).ToHashSet();
        foreach (var copy in Left.Where(copy => !touched.Contains(copy.ServerId) && !_order.Declined.Contains(copy.Id) && !IsLast(copy) && !IsBeyondReplacing(copy)))
        {
            yield return $"{Show(copy)} is there, though nothing went wrong on its server.";
        }
    }

    /// <summary>The token appears nowhere.</summary>
    private IEnumerable<string> Secrecy()
    {
        if (_outcome.Result.AllText().Contains(_outcome.Token, StringComparison.OrdinalIgnoreCase)
            || _outcome.Ended?.ToString().Contains(_outcome.Token, StringComparison.OrdinalIgnoreCase) == true
            || _outcome.Ended?.Exception.ToString().Contains(_outcome.Token, StringComparison.OrdinalIgnoreCase) == true)
        {
            yield return "The token is in the output.";
        }
    }
}
