namespace RunCloud.Simulator;

/// <summary>Faults of the status and the headers.</summary>
public sealed partial class Fault
{
    private static IEnumerable<Fault> MoreStatuses =>
    [
        Status(408),
        Status(410),
        Status(423, "The resource is locked."),
        Status(501),
        Status(520),
        StatusAfter(408),
        StatusAfter(524),
        TrueAnswer(500),
        TrueAnswer(202),
        TrueAnswer(206),
        Bodiless(204),
        Bodiless(304),
        Accepted,
        NotDone(204),
        TooManyRequests("0"),
        TooManyRequests("-5"),
        TooManyRequests("1.5"),
        TooManyRequests("soon"),
        TooManyRequests("2147483647"),
        TooManyRequests("999999999999999999999"),
        TooManyRequests("Thu, 01 Jan 1970 00:00:00 GMT"),
        TooManyRequests("Fri, 31 Dec 9999 23:59:59 GMT"),
        Unavailable("2147483647"),
        Unavailable("Fri, 31 Dec 9999 23:59:59 GMT"),
        RateHeaders("nothing left", limit: "60", remaining: "0", reset: null),
        RateHeaders("nonsense", limit: "-1", remaining: "many", reset: "tomorrow"),
        RateHeaders("reset at the end of time", limit: "1", remaining: "0", reset: "253402300799"),
        Dated("Fri, 31 Dec 9999 23:59:59 GMT"),
        Dated("Thu, 01 Jan 1970 00:00:00 GMT"),
        Echo(200),
        Echo(302),
        Echo(500),
        HugeHeader,
    ];

    /// <summary>Gets an answer that promises the change, which is never done.</summary>
    public static Fault Accepted =>
        Custom("202, not done", exchange => exchange.SendAsync(exchange.Perform(pretend: true) with { Status = 202 }));

    /// <summary>Gets an answer with a header that is larger than clients take, when all is done.</summary>
    public static Fault HugeHeader => Answering("huge header", answer => answer.With("X-Filler", new string('x', 128 * 1024)));

    /// <summary>Puts another status on the true answer, when all is done.</summary>
    /// <param name="status">The status code.</param>
    /// <returns>The fault.</returns>
    public static Fault TrueAnswer(int status) => Answering(Named("true answer, status", status), answer => answer with { Status = status });

    /// <summary>Answers with a status that has no body, when all is done.</summary>
    /// <param name="status">The status code, 204 or 304.</param>
    /// <returns>The fault.</returns>
    public static Fault Bodiless(int status) =>
        Answering(Named("no body, status", status), answer => answer with { Status = status, Body = default, ContentType = null });

    /// <summary>Answers with a status and no body, and does nothing.</summary>
    /// <param name="status">The status code.</param>
    /// <returns>The fault.</returns>
    public static Fault NotDone(int status) =>
        Custom(Named("nothing done, status", status), exchange => exchange.SendAsync(new Answer(status, default) { ContentType = null }));

    /// <summary>Answers 429 with any <c>Retry-After</c>, before anything is done.</summary>
    /// <param name="retryAfter">What stands there, sense or not.</param>
    /// <returns>The fault.</returns>
    public static Fault TooManyRequests(string retryAfter) =>
        Custom($"429, Retry-After {retryAfter}", exchange => exchange.SendAsync(Answer.Message(429, "Too Many Attempts.").With("Retry-After", retryAfter)));

    /// <summary>Answers 503 with any <c>Retry-After</c>, before anything is done.</summary>
    /// <param name="retryAfter">What stands there, sense or not.</param>
    /// <returns>The fault.</returns>
    public static Fault Unavailable(string retryAfter) =>
        Custom($"503, Retry-After {retryAfter}", exchange => exchange.SendAsync(Answer.Message(503, "Service Unavailable").With("Retry-After", retryAfter)));

    /// <summary>Puts other rate headers on the true answer.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="limit">What <c>X-RateLimit-Limit</c> says.</param>
    /// <param name="remaining">What <c>X-RateLimit-Remaining</c> says.</param>
    /// <param name="reset">What <c>X-RateLimit-Reset</c> says; <see langword="null"/> for none.</param>
    /// <returns>The fault.</returns>
    public static Fault RateHeaders(string name, string limit, string remaining, string? reset) => Answering($"rate headers, {name}", answer =>
    {
        var changed = answer.With("X-RateLimit-Limit", limit).With("X-RateLimit-Remaining", remaining);
        return reset is null ? changed : changed.With("X-RateLimit-Reset", reset);
    });

    /// <summary>Puts another date on the true answer, with a rate limit that is used up for half a minute from then.</summary>
    /// <param name="date">What <c>Date</c> says.</param>
    /// <returns>The fault.</returns>
    public static Fault Dated(string date) => Answering($"dated {date}", answer => answer
        .With("Date", date).With("X-RateLimit-Remaining", "0").With("X-RateLimit-Reset", "30"));

    /// <summary>Sends the caller's token back, as a debugging proxy does, before anything is done.</summary>
    /// <param name="status">The status code: a page for 200, a redirect for 3xx, else a message.</param>
    /// <returns>The fault.</returns>
    public static Fault Echo(int status) => Custom(Named("echo", status), exchange =>
    {
        var said = exchange.Response.HttpContext.Request.Headers.Authorization.ToString();
        return exchange.SendAsync(status switch
        {
            200 => Answer.Page(status, said),
            < 400 => Answer.Redirect(status, $"https://login.example.test/?return={Uri.EscapeDataString(said)}"),
            _ => Answer.Message(status, said),
        });
    });
}
