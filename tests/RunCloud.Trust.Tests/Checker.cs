using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text.Json;
using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <summary>
/// Holds a command's account, its objects and its errors, against what is true in the simulator. It shares no code with the client: what a
/// copy of the key is, the simulator says.
/// </summary>
internal sealed class Checker
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

    /// <summary>What is wrong with the account, in words.</summary>
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

    /// <summary>It ends, by itself, and only what makes every later call fail ends the whole.</summary>
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

    /// <summary>Nothing is said to be gone that is there, or that is on a server which nobody can reach.</summary>
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

    /// <summary>Whatever was not read, and whatever is still there, is named by an error; or the whole command is.</summary>
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

    /// <summary>Nothing is removed but what was asked for, and nothing that somebody said no to.</summary>
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

    /// <summary>Every removal is accounted for, once; what did not end well is an error too; and without errors all is well.</summary>
    private IEnumerable<string> Account()
    {
        var accounts = _outcome.Removals.ToLookup(removal => (removal.ServerId, removal.Id));
        foreach (var account in accounts.Where(account => account.Count() > 1))
        {
            yield return $"{account.First()} is accounted for {account.Count()} times.";
        }

        foreach (var removal in _outcome.Removals.Where(removal => !_order.IsRehearsed && !IsGood(removal) && !_named.Contains((removal.ServerId, removal.Id))))
        {
            yield return $"{removal}, and no error says so.";
        }

        if (Ended)
        {
            yield break;
        }

        foreach (var request in _requests.Where(entry => entry.Endpoint == Endpoint.Removal).Select(entry => entry.Request))
        {
            if (!accounts[(Endpoints.ServerOf(request)!.Value, Endpoints.CredentialOf(request)!.Value)].Any())
            {
                yield return $"{request} is not accounted for.";
            }
        }

        if (_outcome.Result.Errors.Count == 0 && Left.FirstOrDefault(copy => !_order.Declined.Contains(copy.Id) && !IsExcused(copy)) is { } left)
        {
            yield return $"Nothing was wrong, and {Show(left)} is there.";
        }
    }

    /// <summary>Every server that the command got to know is accounted for, once, and never better than it is.</summary>
    private IEnumerable<string> AccountOfServers()
    {
        if (!_order.AccountsForServers)
        {
            yield break;
        }

        var accounts = _outcome.Revocations.ToLookup(revocation => revocation.ServerId);
        var isDue = _order.IsCarriedOut && (!Ended || _requests.Any(entry => entry.Endpoint == Endpoint.Removal));
        foreach (var server in _servers.Values)
        {
            var count = accounts[server.Id].Count();
            if (count > 1 || (count == 0 && isDue && WasAsked(server.Id)) || (count > 0 && !_order.IsCarriedOut && !_order.IsRehearsed))
            {
                yield return $"{server.Name} is accounted for {count} times.";
            }
        }

        foreach (var revocation in _outcome.Revocations)
        {
            if (!_servers.TryGetValue(revocation.ServerId, out var server))
            {
                // One that others have added meanwhile may be met or not.
                if (_outcome.Before.CredentialsByServer.ContainsKey(revocation.ServerId))
                {
                    yield return $"{revocation}, and nobody asked.";
                }

                continue;
            }

            if (revocation.Reason is null != (IsGood(revocation) && revocation.Status != "Kept" || revocation.Status == "Planned"))
            {
                yield return $"{revocation}, and the reason is {revocation.Reason ?? "missing"}.";
            }

            if (IsGood(revocation) && !IsReachable(server))
            {
                yield return $"{revocation}, and the server is not reachable.";
            }

            if (!IsGood(revocation) && !Ended && !_order.IsRehearsed && !_named.Any(name => name.Server == server.Id))
            {
                yield return $"{revocation}, and no error says so.";
            }

            if (IsGood(revocation))
            {
                foreach (var copy in CopiesNow(server.Id).Where(copy => !WasHidden(copy)))
                {
                    yield return $"{revocation}, and {Show(copy)} is there.";
                }

                if (!_read.Contains(server.Id) && !WasHidden(server.Id))
                {
                    yield return $"{revocation}, and it was not read whole.";
                }

                if (revocation.Status != "Kept" && CopiesOfOthers(server.Id).Any() && !WasHidden(server.Id)
                    && revocation.Message?.Contains("outside -User that could not be compared", StringComparison.Ordinal) != true)
                {
                    yield return $"{revocation}, and others have the key.";
                }

                if (revocation.Removals.Any(removal => !IsGood(removal)))
                {
                    yield return $"{revocation}, and not all of its removals are good.";
                }
            }
        }
    }

    /// <summary>A way in goes only where its user has the new one; nobody else gets that, nobody twice, and none unsaid.</summary>
    private IEnumerable<string> Replacement()
    {
        if (_order.NewKey is not { } key)
        {
            yield break;
        }

        var copies = _outcome.After.CopiesOf(key);
        foreach (var copy in _wanted.Where(copy => IsStillThere(copy.ServerId) && WasTakenByUs(copy)))
        {
            if (!copies.Any(other => other.ServerId == copy.ServerId && other.User == copy.User) && !WasStruck(Endpoint.ReadBack, OutOfReach.TakingNew, copy.ServerId))
            {
                yield return $"{Show(copy)} was removed, and {copy.User} has not got the new key.";
            }
        }

        foreach (var added in copies.GroupBy(copy => (copy.ServerId, copy.User)))
        {
            if (!_wanted.Any(copy => copy.ServerId == added.Key.ServerId && copy.User == added.Key.User))
            {
                yield return $"{Show(added.First())} was added for {added.Key.User}, who had not got the old key.";
            }

            if (added.Count() > 1 && !_requests.Any(entry => entry.Request.Fault == Fault.DoneTwice.Name))
            {
                yield return $"{Show(added.First())} was added {added.Count()} times.";
            }
        }

        foreach (var copy in copies.Where(copy => !Ended && !_named.Any(name => name.Server == copy.ServerId)))
        {
            if (!_outcome.Revocations.Any(revocation => revocation.Additions.Any(added => added.ServerId == copy.ServerId && added.Id == copy.Id)))
            {
                yield return $"{Show(copy)} was added, and nobody says so.";
            }
        }
    }

    /// <summary>What a removal leaves behind is told, or that it could not be read.</summary>
    private IEnumerable<string> Remainder()
    {
        var wasTouched = _outcome.Revocations.Any(revocation => revocation.ServerId == SmallFleet.Left
            && revocation.Removals.Any(removal => removal.Status is "Removed" or "Unconfirmed"));
        if (Ended || !wasTouched || !_servers.TryGetValue(SmallFleet.Left, out var server) || !ReferenceEquals(_outcome.Before, SmallFleet.World))
        {
            yield break;
        }

        if (!Warns("Deployment keys that are the revoked key") && !Warns("could not be inspected") && !WasHiddenBy(Endpoint.Users))
        {
            yield return "A deployment key is the key, and no warning says so.";
        }

        if (!Warns("Open SSH sessions") && !Warns("could not be inspected") && !WasStruck(Endpoint.Sessions, OutOfReach.HidingSessions))
        {
            yield return "A session is open, and no warning says so.";
        }

        if (!Warns("Left to do by hand"))
        {
            yield return "There is no advice.";
        }
    }

    /// <summary>What goes is saved before, and the report says what the output says.</summary>
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

        // Where nothing is answered, the gate cannot know whether the limit is used up, and may have to give up on others.
        var touched = struck.Select(entry => Endpoints.ServerOf(entry.Request))
            .Concat(_outcome.Result.Errors.Where(error => WasRateLimited(error.Exception)).Select(error => TargetOf(error).Server))
            .ToHashSet();
        foreach (var copy in Left.Where(copy => !touched.Contains(copy.ServerId) && !_order.Declined.Contains(copy.Id) && !IsLast(copy) && !IsBeyondReplacing(copy)))
        {
            yield return $"{Show(copy)} is there, though nothing went wrong on its server.";
        }
    }

    /// <summary>The token is nowhere.</summary>
    private IEnumerable<string> Secrecy()
    {
        if (_outcome.Result.AllText().Contains(_outcome.Token, StringComparison.OrdinalIgnoreCase)
            || _outcome.Ended?.ToString().Contains(_outcome.Token, StringComparison.OrdinalIgnoreCase) == true
            || _outcome.Ended?.Exception.ToString().Contains(_outcome.Token, StringComparison.OrdinalIgnoreCase) == true)
        {
            yield return "The token is in the output.";
        }
    }

    private bool Warns(string text) => _outcome.Result.Warnings.Any(warning => warning.Contains(text, StringComparison.Ordinal));

    private static bool IsGood(SshCredentialRemoval removal) => removal.Status is "Removed" or "AlreadyAbsent";

    /// <summary>Whether it is a good end for the users that were asked for; that others keep the key is no good end of the whole.</summary>
    private static bool IsGood(SshKeyRevocation revocation) => revocation.Status is "Removed" or "Clean" or "Kept";

    private static bool IsReachable(FleetServer server) => server is { Online: true, Connected: true };

    private static bool WasRateLimited(Exception? exception) =>
        exception is not null && (exception is Api.RunCloudException { Error: Api.RunCloudError.RateLimited } || WasRateLimited(exception.InnerException));

    private static string IdOf(ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    private static string Show(ErrorRecord error) => $"{error.FullyQualifiedErrorId} ({error.Exception?.GetType().Name}): {error}";

    private static string Show(FleetCredential copy) => $"{copy.Label} ({copy.Id}) on {copy.ServerId}";

    private bool IsAbsent(FleetCredential copy) =>
        _outcome.Removals.Any(removal => removal.ServerId == copy.ServerId && removal.Id == copy.Id && removal.Status == "AlreadyAbsent");

    /// <summary>What an error is about. A bare number is one or the other: no server has the number of a credential.</summary>
    private static (long? Server, long? Credential) TargetOf(ErrorRecord error) => PSObject.AsPSObject(error.TargetObject ?? string.Empty).BaseObject switch
    {
        Server server => (server.Id, null),
        SshCredential credential => (credential.ServerId, credential.Id),
        long id => (id, id),
        _ => (null, null),
    };

    /// <summary>Whether an error names the server, or the credential on it, or, for a server that the command never got to know, the list of servers.</summary>
    private bool IsNamed(long server, long? credential = null) => _named.Any(name =>
        (name.Server == server && (name.Credential is null || name.Credential == server))
        || (credential is not null && name.Credential == credential)
        || (name is (null, null) && !WasAsked(server)));

    /// <summary>Whether the copy was to be left in place, since nobody knows whether a new key would open its server.</summary>
    private bool IsBeyondReplacing(FleetCredential copy) => _order.NewKey is not null && !IsReachable(_servers[copy.ServerId]);

    /// <summary>The copies that are on a server now, those that have come back too.</summary>
    private IEnumerable<FleetCredential> CopiesNow(long server) =>
        _outcome.After.CopiesOf(_order.Key).Where(copy => copy.ServerId == server && _order.Copies(copy));

    /// <summary>The copies of users that were not asked for.</summary>
    private IEnumerable<FleetCredential> CopiesOfOthers(long server) =>
        _outcome.After.CopiesOf(_order.Key).Where(copy => copy.ServerId == server && !_order.Copies(copy) && _outcome.Before.Credentials.Any(before => before.Id == copy.Id));

    private bool IsStillThere(long server) => _outcome.After.CredentialsByServer.ContainsKey(server);

    /// <summary>Whether the copy was to be left in place, since its user has nothing else that anybody can read.</summary>
    private bool IsLast(FleetCredential copy) => _order.KeepsLast && !_outcome.Before.CredentialsByServer[copy.ServerId].Any(other =>
        other.User == copy.User && !other.Temporary && !_wanted.Contains(other) && !Unreadable.Contains(other.PublicKey));

    /// <summary>Whether nobody could have known better, for the reasons in <see cref="OutOfReach"/>.</summary>
    private bool IsExcused(FleetCredential copy) => WasHidden(copy) || WasBelieved(copy.ServerId, copy.Id);

    /// <summary>Whether a removal had the documented answer, was not done, and nothing was to be read back.</summary>
    private bool WasBelieved(long server, long id) => _order.Excuses && !_order.Verifies && _requests.Any(entry =>
        entry.Request.Fault is { } fault && OutOfReach.Unverified.ContainsKey(fault) && entry.Endpoint == Endpoint.Removal
        && Endpoints.ServerOf(entry.Request) == server && Endpoints.CredentialOf(entry.Request) == id);

    private static bool IsRemovalOf(RecordedRequest request, FleetCredential copy) => request.Method == "DELETE"
        && Endpoints.ServerOf(request) == copy.ServerId && Endpoints.CredentialOf(request) == copy.Id;

    /// <summary>Whether others had taken it away before: a 404 that is true.</summary>
    private static bool WasInVain(RecordedRequest request) => request.Status == 404 && (request.Fault is not { } fault || Shifting.Contains(fault));

    /// <summary>Whether a removal of it was sent that others had not made needless.</summary>
    private bool WasTakenByUs(FleetCredential copy) => _requests.Any(entry => IsRemovalOf(entry.Request, copy) && !WasInVain(entry.Request));

    private bool WasRemoved(FleetCredential copy) => _requests.Any(entry => IsRemovalOf(entry.Request, copy));

    private bool WasAsked(long server) => _requests.Any(entry => Endpoints.ServerOf(entry.Request) == server);

    /// <summary>
    /// Whether every page of the server's list was answered truly before anything was removed there. What others took away meanwhile may
    /// have made the list shorter.
    /// </summary>
    private bool WasRead(long server)
    {
        // A server that others have taken away meanwhile has no list.
        if (!IsStillThere(server) && !WasAsked(server))
        {
            return true;
        }

        return HasPages(
            _requests.Where(entry => entry.Endpoint == Endpoint.List && Endpoints.ServerOf(entry.Request) == server),
            _outcome.Before.CredentialsByServer[server].Count(row => _there.Contains((row.ServerId, row.Id)) || WasRemoved(row)));
    }

    /// <summary>Whether every page of the server's list was answered truly after the removal was sent; nothing was sent for what was not there.</summary>
    private bool WasReadBack(SshCredentialRemoval removal)
    {
        var sent = _requests.FirstOrDefault(entry => entry.Request.Method == "DELETE"
            && Endpoints.ServerOf(entry.Request) == removal.ServerId && Endpoints.CredentialOf(entry.Request) == removal.Id).Request;
        return sent is null || !IsStillThere(removal.ServerId) || HasPages(
            _requests.Where(entry => entry.Endpoint == Endpoint.ReadBack && Endpoints.ServerOf(entry.Request) == removal.ServerId && entry.Request.Number > sent.Number),
            _outcome.Before.CredentialsByServer[removal.ServerId].Count(row => _there.Contains((row.ServerId, row.Id))));
    }

    private static bool HasPages(IEnumerable<(RecordedRequest Request, Endpoint Endpoint)> requests, int rows)
    {
        var pages = Math.Max(1, (rows + SmallFleet.PageSize - 1) / SmallFleet.PageSize);
        return requests
            .Select(entry => entry.Request)
            .Where(request => request.AnsweredTruly || (request.Fault is { } fault && Truth.Kept.Contains(fault)))
            .Select(Endpoints.PageOf)
            .Where(page => page <= pages)
            .Distinct()
            .Count() == pages;
    }

    /// <summary>Whether nobody could have known of the server, for the reasons in <see cref="OutOfReach"/>.</summary>
    private bool WasHidden(long server) => WasAsked(server)
        ? WasHiddenBy(Endpoint.List, server)
        : WasHiddenBy(Endpoint.Servers) && (!_order.AccountsForServers || !_order.ListsAgain || WasHiddenBy(Endpoint.ServersAgain) || !_requests.Any(entry => entry.Endpoint == Endpoint.ServersAgain));

    /// <summary>
    /// The same of a copy, which is not hidden from who removes it; nor, where it is the key that is accounted for, from who reads the list
    /// again after a removal.
    /// </summary>
    private bool WasHidden(FleetCredential copy) =>
        WasHidden(copy.ServerId) && !WasRemoved(copy) && !(_order.AccountsForServers && WasTouched(copy.ServerId) && !WasHiddenBy(Endpoint.ReadBack, copy.ServerId));

    /// <summary>Whether a list was struck by what hides rows; who reads a list twice sees those that slip, unless both readings were struck.</summary>
    private bool WasHiddenBy(Endpoint endpoint, long? server = null) =>
        WasStruck(endpoint, OutOfReach.HidingRows, server)
        || (WasStruck(endpoint, OutOfReach.SlippingRows, server) && (!_order.AccountsForServers || endpoint == Endpoint.Users || (endpoint == Endpoint.Servers && !_order.ListsAgain) || TimesStruck(endpoint, OutOfReach.SlippingRows, server) > 1));

    private bool WasTouched(long server) => _requests.Any(entry => entry.Endpoint == Endpoint.Removal && Endpoints.ServerOf(entry.Request) == server);

    private bool WasStruck(Endpoint endpoint, IReadOnlyDictionary<string, string> faults, long? server = null) =>
        _order.Excuses && TimesStruck(endpoint, faults, server) > 0;

    private int TimesStruck(Endpoint endpoint, IReadOnlyDictionary<string, string> faults, long? server) => _requests.Count(entry =>
        entry.Endpoint == endpoint
        && entry.Request.Fault is { } fault
        && faults.ContainsKey(fault)
        && (server is null || Endpoints.ServerOf(entry.Request) == server));
}
