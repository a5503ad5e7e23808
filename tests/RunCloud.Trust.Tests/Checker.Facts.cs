using System.Management.Automation;
using System.Text.Json;
using RunCloud.Simulator;

namespace RunCloud.Trust.Tests;

/// <content>What the requests and the fleet show.</content>
internal sealed partial class Checker
{
    private bool Warns(string text) => _outcome.Result.Warnings.Any(warning => warning.Contains(text, StringComparison.Ordinal));

    private static bool IsGood(SshCredentialRemoval removal) => removal.Status is "Removed" or "AlreadyAbsent";

    /// <summary>Whether it is a success for the users that were asked for; that others keep the key is not a success of the whole.</summary>
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
    /// Whether every page of the server's list was answered truly before anything was removed there. What others took away in the meantime may
    /// have made the list shorter.
    /// </summary>
    private bool WasRead(long server)
    {
        // A server that others have taken away in the meantime has no list.
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
