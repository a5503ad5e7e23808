namespace RunCloud.Simulator;

/// <summary>
/// How the simulator is set up. The first part shapes the fleet and the wire; the rest are the points that
/// <c>runcloud-api-v3.md</c> leaves open, each a switch, so that a client can be shown to stand either answer.
/// The defaults are what the documentation's samples show.
/// </summary>
public sealed record SimulatorOptions
{
    /// <summary>Gets what the fleet and the token are made from: the same seed and counts always give the same, ids included.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Gets how many servers a generated fleet has. The default is more than one page of the largest size.</summary>
    public int Servers { get; init; } = 45;

    /// <summary>
    /// Gets how many credentials each generated server has, exactly; <see langword="null"/> for a lifelike mixture, in which most
    /// have a dozen or two and every ninth has more than a page of the largest size.
    /// </summary>
    public int? KeysPerServer { get; init; }

    /// <summary>Gets how many of the generated servers do not answer: half are offline, half were never connected.</summary>
    public int OfflineServers { get; init; } = 3;

    /// <summary>Gets a value indicating whether the generated servers' addresses are this machine's own (127.18.0.0 and on), so that nothing that connects to them leaves it.</summary>
    public bool ServersOnLoopback { get; init; }

    /// <summary>Gets how many credentials of a generated fleet hold something that is no key.</summary>
    public int UnparsableKeys { get; init; } = 3;

    /// <summary>
    /// Gets a value indicating whether some copies of the leaked key look different (another comment, blanks around, and options in front
    /// where <see cref="AcceptKeyOptions"/> lets them in) and another key carries its comment: for matching on the decoded key. Off, a
    /// match on the comment finds exactly the copies.
    /// </summary>
    public bool DisguisedCopies { get; init; }

    /// <summary>Gets the port on 127.0.0.1; 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>Gets a value indicating whether to serve HTTPS, with HTTP/2 offered, behind a certificate made on the spot.</summary>
    public bool UseTls { get; init; }

    /// <summary>Gets the bearer token that is right; <see langword="null"/> for one made from <see cref="Seed"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Gets the clock for rate windows, latency, faults and dates.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets how long every request waits before it is dealt with.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>
    /// Gets delays of random length before each answer, in real time whatever <see cref="TimeProvider"/> says; <see langword="null"/> for
    /// none. By default the environment decides, see <see cref="RandomDelays.Variable"/>: the nightly workflow sets it.
    /// </summary>
    public RandomDelays? RandomDelays { get; init; } = RandomDelays.Parse(Environment.GetEnvironmentVariable(RandomDelays.Variable));

    /// <summary>Gets how long every new connection waits before its first byte is read: what a client pays for not reusing connections.</summary>
    public TimeSpan ConnectionLatency { get; init; }

    /// <summary>Gets the rate limit; <see langword="null"/> for none, and none of its headers.</summary>
    public RateLimit? RateLimit { get; init; } = new();

    /// <summary>Gets the monthly quota; <see langword="null"/> for none. Its size is documented, what a spent one looks like is not.</summary>
    public MonthlyQuota? Quota { get; init; }

    /// <summary>Gets a value indicating whether answers are compressed with gzip for clients that accept it. Costs the simulator CPU.</summary>
    public bool Compress { get; init; }

    /// <summary>Gets the rows of a page when the request names no number. 15 in the samples.</summary>
    public int DefaultPageSize { get; init; } = 15;

    /// <summary>Gets the most rows of a page: 40 by the v2 documentation and by three public v3 clients.</summary>
    public int MaxPageSize { get; init; } = 40;

    /// <summary>Gets what happens to a <c>perPage</c> above <see cref="MaxPageSize"/>: "the server may clamp".</summary>
    public OversizedPage OversizedPage { get; init; }

    /// <summary>Gets where and in which words a list accounts for its pages: documented one way, and otherwise by who works with it.</summary>
    public PageAccountForm PageAccount { get; init; }

    /// <summary>Gets a value indicating whether the numbers of that account are JSON strings.</summary>
    public bool PageNumbersAsText { get; init; }

    /// <summary>Gets what a page beyond the last one is answered with. Nothing documents it.</summary>
    public BeyondLastPage BeyondLastPage { get; init; }

    /// <summary>Gets a value indicating whether <c>links</c> on a single page is <c>[]</c> rather than <c>{}</c>: PHP writes both for "nothing".</summary>
    public bool EmptyLinksAsArray { get; init; }

    /// <summary>Gets a value indicating whether <c>links.next</c> repeats <c>perPage</c> and <c>search</c>. The framework's own do not, unless told to.</summary>
    public bool LinksKeepQuery { get; init; } = true;

    /// <summary>Gets the scheme and host in <c>links</c>; <see langword="null"/> for the simulator's own. Behind a proxy they can be wrong, or not HTTPS.</summary>
    public Uri? LinkHost { get; init; }

    /// <summary>Gets a value indicating whether ids are JSON strings. Every sample has numbers; a client is to stand both.</summary>
    public bool IdsAsStrings { get; init; }

    /// <summary>Gets a value indicating whether booleans are 0 and 1, as some of the API's other objects have them.</summary>
    public bool BooleansAsNumbers { get; init; }

    /// <summary>Gets how <c>online</c> and <c>connected</c> are written. What a server is that RunCloud knows nothing of, nothing documents.</summary>
    public ServerStateForm ServerState { get; init; }

    /// <summary>Gets a value indicating whether rows of the credential list carry <c>temporary</c>. The sample's do not.</summary>
    public bool TemporaryInLists { get; init; }

    /// <summary>Gets a value indicating whether every object carries fields that nobody knows, one of them an object with an <c>id</c> of its own.</summary>
    public bool UnknownFields { get; init; }

    /// <summary>Gets a value indicating whether fields that would be <see langword="null"/> are left out.</summary>
    public bool LeaveOutNulls { get; init; }

    /// <summary>Gets a value indicating whether <c>/</c> is written <c>\/</c>, as PHP does unless told otherwise. The samples have it plain.</summary>
    public bool EscapeSlashes { get; init; }

    /// <summary>Gets where <c>publicKey</c> and <c>deploymentKey</c> end in a literal <c>...</c>, as in the documentation's samples.</summary>
    public TruncatedKeys TruncatedKeys { get; init; }

    /// <summary>Gets what a DELETE does on a server that is offline or was never connected. Nothing documents it.</summary>
    public OfflineDelete OfflineDelete { get; init; }

    /// <summary>Gets how a deletion is answered. The body is documented, the status inferred.</summary>
    public DeletionAnswer DeletionAnswer { get; init; }

    /// <summary>
    /// Gets a value indicating whether a key may be added with options in front, as <c>authorized_keys</c> has them, so that a generated
    /// fleet may have such keys. Nothing documents it.
    /// </summary>
    public bool AcceptKeyOptions { get; init; }

    /// <summary>Gets a value indicating whether a POST's <c>temporary</c> is taken and forgotten: the key then lasts, and a single answer says so.</summary>
    public bool IgnoreTemporary { get; init; }

    /// <summary>Gets the status of a successful POST, which is not documented: 200, or 201 by custom.</summary>
    public int CreatedStatus { get; init; } = 200;

    /// <summary>Gets how a missing or wrong token is answered: 401 by the documentation, a redirect to the login page by some clients' experience.</summary>
    public UnauthorizedAnswer UnauthorizedAnswer { get; init; }
}

/// <summary>The rate limit, whose headers RunCloud documents and whose number it does not; one client says 60 a minute.</summary>
public sealed record RateLimit
{
    /// <summary>Gets how many requests a window takes. The default is never met by a test that does not mean to.</summary>
    public int Limit { get; init; } = 1_000_000;

    /// <summary>Gets the length of the window.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets where windows begin.</summary>
    public RateWindowKind Kind { get; init; }

    /// <summary>Gets a value indicating whether every answer carries <c>X-RateLimit-Limit</c> and <c>X-RateLimit-Remaining</c>, as documented.</summary>
    public bool SendHeaders { get; init; } = true;

    /// <summary>Gets the form of <c>Retry-After</c> on a 429: inferred from the framework, so it may be missing.</summary>
    public RetryAfterForm RetryAfter { get; init; } = RetryAfterForm.Seconds;

    /// <summary>Gets a value indicating whether a 429 carries <c>X-RateLimit-Reset</c> (Unix time): inferred from the framework.</summary>
    public bool SendReset { get; init; } = true;

    /// <summary>Gets a value indicating whether every other answer carries <c>X-RateLimit-Reset</c> too.</summary>
    public bool SendResetAlways { get; init; }
}

/// <summary>A monthly quota: "at 100 % every call is blocked until the cycle resets", in a way that nobody has described.</summary>
public sealed record MonthlyQuota
{
    /// <summary>Gets how many calls are left when the simulator starts.</summary>
    public long Calls { get; init; }

    /// <summary>Gets the status of every call after that.</summary>
    public int Status { get; init; } = 429;

    /// <summary>Gets the message of every call after that.</summary>
    public string Message { get; init; } = "Too Many Attempts.";
}

/// <summary>Where rate windows begin.</summary>
public enum RateWindowKind
{
    /// <summary>At the first request after the one before has ended: the framework's way.</summary>
    FromFirstRequest,

    /// <summary>At whole multiples of the window's length on the clock.</summary>
    OnTheClock,

    /// <summary>Nowhere: what counts is the time just past, as at some proxies.</summary>
    Sliding,

    /// <summary>Nowhere: requests come back one by one, evenly over the window's length, up to the limit.</summary>
    TokenBucket,
}

/// <summary>The form of a <c>Retry-After</c> header (RFC 9110, section 10.2.3).</summary>
public enum RetryAfterForm
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Whole seconds.</summary>
    Seconds,

    /// <summary>A date.</summary>
    HttpDate,

    /// <summary>The Unix time at which to come again, as services with the same framework have sent by mistake.</summary>
    UnixTime,
}

/// <summary>Where and in which words a list accounts for its pages.</summary>
public enum PageAccountForm
{
    /// <summary><c>meta.pagination</c> with <c>total_pages</c> and <c>links</c>, as documented.</summary>
    Pagination,

    /// <summary>The same in camel case.</summary>
    PaginationCamel,

    /// <summary><c>meta</c> with <c>lastPage</c> and the like in camel case, as an operator writes.</summary>
    MetaCamel,

    /// <summary><c>meta.lastPage</c> and nothing else.</summary>
    MetaLastPage,

    /// <summary><c>meta</c> with <c>last_page</c> and the like, and <c>links.next</c> at the top: the framework's resources.</summary>
    MetaSnake,

    /// <summary>All of it at the top with <c>next_page_url</c>: the framework's paginator.</summary>
    TopSnake,

    /// <summary>The same in camel case.</summary>
    TopCamel,

    /// <summary>None: <c>meta</c> is PHP's empty array.</summary>
    None,
}

/// <summary>What a page beyond the last one is answered with.</summary>
public enum BeyondLastPage
{
    /// <summary>A page without a row: the framework's way.</summary>
    Empty,

    /// <summary>404 in the API's own words.</summary>
    NotFound,

    /// <summary>422.</summary>
    Unprocessable,
}

/// <summary>How <c>online</c> and <c>connected</c> are written.</summary>
public enum ServerStateForm
{
    /// <summary>As booleans, or 0 and 1 where all booleans are.</summary>
    Boolean,

    /// <summary>As the text <c>true</c> and <c>false</c>.</summary>
    Text,

    /// <summary>As words that are no booleans, whatever is true.</summary>
    Words,

    /// <summary>As <see langword="null"/>, whatever is true.</summary>
    Null,

    /// <summary>Not at all.</summary>
    Absent,
}

/// <summary>What happens to a <c>perPage</c> that is too large.</summary>
public enum OversizedPage
{
    /// <summary>It counts as the largest, and <c>per_page</c> says so.</summary>
    Clamp,

    /// <summary>It is refused with 422.</summary>
    Reject,
}

/// <summary>Where keys end in a literal <c>...</c>.</summary>
public enum TruncatedKeys
{
    /// <summary>Nowhere.</summary>
    Nowhere,

    /// <summary>In the rows of lists; a single credential or user has the whole key.</summary>
    InLists,

    /// <summary>In lists and in single credentials and users.</summary>
    Everywhere,
}

/// <summary>What a DELETE of a credential does on a server that does not answer.</summary>
public enum OfflineDelete
{
    /// <summary>The credential goes.</summary>
    Deletes,

    /// <summary>It is answered as if it went, and the credential stays.</summary>
    ClaimsAndKeeps,

    /// <summary>It is answered 500, and the credential stays.</summary>
    Fails,

    /// <summary>It is never answered, and the credential stays.</summary>
    Hangs,
}

/// <summary>How the deletion of a credential is answered.</summary>
public enum DeletionAnswer
{
    /// <summary>200 with the deleted credential.</summary>
    Credential,

    /// <summary>204 without a body.</summary>
    NoContent,
}

/// <summary>How a request without the right token is answered.</summary>
public enum UnauthorizedAnswer
{
    /// <summary>401 with a JSON message.</summary>
    Json,

    /// <summary>302 to <c>/login</c>, which is a page.</summary>
    RedirectToLogin,
}
