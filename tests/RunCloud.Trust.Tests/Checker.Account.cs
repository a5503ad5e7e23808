using System.Management.Automation;
using System.Text.Json;
using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <content>The claims of the result, compared with the truth.</content>
internal sealed partial class Checker
{
    /// <summary>Every removal has one result; a failure is also an error; and without errors everything succeeded.</summary>
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

    /// <summary>Every known server has one result, and never a better one than the truth.</summary>
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
                // One that others have added in the meantime may be met or not.
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

            foreach (var wrong in IsGood(revocation) ? ClaimOfGoodEnd(revocation) : [])
            {
                yield return wrong;
            }
        }
    }

    /// <summary>A server of which a success is claimed was read, and has no copy left.</summary>
    private IEnumerable<string> ClaimOfGoodEnd(SshKeyRevocation revocation)
    {
        foreach (var copy in CopiesNow(revocation.ServerId).Where(copy => !WasHidden(copy)))
        {
            yield return $"{revocation}, and {Show(copy)} is there.";
        }

        if (!_read.Contains(revocation.ServerId) && !WasHidden(revocation.ServerId))
        {
            yield return $"{revocation}, and it was not read whole.";
        }

        if (revocation.Status != "Kept" && CopiesOfOthers(revocation.ServerId).Any() && !WasHidden(revocation.ServerId)
            && revocation.Message?.Contains("outside -User that could not be compared", StringComparison.Ordinal) != true)
        {
            yield return $"{revocation}, and others have the key.";
        }

        if (revocation.Removals.Any(removal => !IsGood(removal)))
        {
            yield return $"{revocation}, and not all of its removals are good.";
        }
    }

    /// <summary>An old key is replaced only if its user has the new one. Nobody else gets it, nobody gets it twice, and each addition is reported.</summary>
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
}
