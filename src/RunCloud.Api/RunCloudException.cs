namespace RunCloud.Api;

/// <summary>The reasons for which a call fails. Each is also an error id of the module.</summary>
public enum RunCloudError
{
    /// <summary>401: the token is wrong or missing, or the caller's address is not on the workspace's allow-list.</summary>
    Unauthorized,

    /// <summary>403: the plan, the team's permissions, or perhaps the spent monthly quota forbid the call.</summary>
    Forbidden,

    /// <summary>404 to a call about a server.</summary>
    ServerNotFound,

    /// <summary>404 to a call about a credential.</summary>
    SshCredentialNotFound,

    /// <summary>422: the API did not accept the values; <see cref="RunCloudException.FieldErrors"/> names the fields.</summary>
    ValidationFailed,

    /// <summary>Another 4xx status.</summary>
    RequestRejected,

    /// <summary>429, and the maximum waiting time has passed.</summary>
    RateLimited,

    /// <summary>A 5xx status, after every retry.</summary>
    ServerError,

    /// <summary>An answer that is not the documented JSON: HTML, truncated, a redirect, too large.</summary>
    InvalidResponse,

    /// <summary>A list that could not be read completely and consistently.</summary>
    IncompleteList,

    /// <summary>There was no connection, or it broke before the answer.</summary>
    ConnectionFailed,

    /// <summary>No answer within the time limit of one request.</summary>
    RequestTimeout,

    /// <summary>An endpoint that would send the token unencrypted to another machine.</summary>
    InsecureEndpoint,

    /// <summary>An endpoint that is not a plain absolute http or https address.</summary>
    InvalidEndpoint,

    /// <summary>A token that cannot be sent: it is empty, or contains characters that are not allowed in a header.</summary>
    InvalidToken,

    /// <summary>A credential whose public key cannot be read as a key, so that it cannot be compared with one.</summary>
    SshCredentialNotComparable,

    /// <summary>A removal that the API accepted, but the credential is still listed afterwards.</summary>
    RemovalFailed,

    /// <summary>A removal whose outcome is not known.</summary>
    RemovalUnconfirmed,

    /// <summary>A change of settings that the API accepted, but other values are stored afterwards.</summary>
    SettingNotApplied,

    /// <summary>A system user whose deployment key cannot be read as a key, so that it cannot be compared with one.</summary>
    DeploymentKeyNotComparable,

    /// <summary>A credential that was kept on request because it is its user's last one.</summary>
    LastCredentialKept,

    /// <summary>A server that is offline, was never linked or is in an unknown state. A change would not be reliable there, so it was not made.</summary>
    ServerUnreachable,

    /// <summary>A credential that the API accepted, but that is not on the server's list afterwards.</summary>
    AdditionUnconfirmed,

    /// <summary>A credential that should be temporary, but is stored as a permanent one.</summary>
    TemporaryNotApplied,

    /// <summary>407, or another refusal by the proxy: RunCloud was not reached.</summary>
    ProxyRefused,
}

/// <summary>A call to the RunCloud API that did not succeed. Its message never holds the token.</summary>
public sealed class RunCloudException : Exception
{
    internal RunCloudException(RunCloudError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>What went wrong.</summary>
    public RunCloudError Error { get; }

    /// <summary>The HTTP status of the answer; <see langword="null"/> if there was none.</summary>
    public int? Status { get; internal init; }

    /// <summary>The API's own message (<c>message</c>); <see langword="null"/> if it gave none.</summary>
    public string? ApiMessage { get; internal init; }

    /// <summary>What the API says about each field of the request (<c>errors</c>); empty when it says nothing, never <see langword="null"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FieldErrors { get; internal init; } = NoFieldErrors;

    /// <summary>When the rate limit is expected to allow requests again, in UTC; <see langword="null"/> for other failures.</summary>
    public DateTimeOffset? RetryAt { get; internal init; }

    /// <summary>Whether every later call in the same context would fail too. Going on would only hide the cause.</summary>
    internal bool IsFatal => Error == RunCloudError.Unauthorized;

    /// <summary>Whether the same request may succeed on a retry.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>Whether the request may have been carried out anyway. The outcome is unknown until it is read back.</summary>
    internal bool MayHaveActed { get; set; }

    /// <summary>Whether the answer was too large. For a list, a smaller page may help.</summary>
    internal bool IsTooLarge { get; init; }

    /// <summary>How long the server asked to wait before the next try.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    private static Dictionary<string, IReadOnlyList<string>> NoFieldErrors { get; } = [];
}
