using System.Text;
using RunCloud.Simulator;

namespace RunCloud.Api.Tests.Fuzzing;

/// <summary>Good inputs of every kind, to begin with.</summary>
internal static class Corpus
{
    /// <summary>Key lines: every kind of key, with and without options and comments.</summary>
    internal static IReadOnlyList<byte[]> Lines { get; } =
    [
        .. from kind in Enum.GetValues<SshKeyKind>()
            let line = TestKeys.Line(kind, 1, "dave@laptop")
            from text in new[] { line, "no-pty,command=\"a \\\"b\\\"\",from=\"10.0.0.0/8,!10.1.2.3\" " + line, "cert-authority,principals=\"a,b\" " + line }
            select Encoding.UTF8.GetBytes(text),
        .. SshVectors.Lines.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>What <c>-Key</c> takes besides key lines.</summary>
    internal static IReadOnlyList<byte[]> Documents { get; } =
    [
        .. Lines,
        .. SshVectors.All.SelectMany(vector => new[] { vector.Listing, vector.Md5 }).Select(Encoding.UTF8.GetBytes),
        Encoding.UTF8.GetBytes("# a comment\n\n" + SshVectors.Lines.First() + "\r\n"),
        Encoding.UTF8.GetBytes(
            "---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"256-bit ED25519\"\nx-other: a\\\nb\n"
            + string.Join('\n', SshVectors.Lines.First().Split(' ')[1].Chunk(64).Select(part => new string(part)))
            + "\n---- END SSH2 PUBLIC KEY ----\n"),
        Encoding.UTF8.GetBytes("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n-----END OPENSSH PRIVATE KEY-----\n"),
    ];

    /// <summary>Answers of the API: lists with every form of page account, single objects, sessions, settings and errors.</summary>
    internal static IReadOnlyList<byte[]> Answers { get; } =
    [
        .. new[]
        {
            """{"data":[{"id":1,"label":"dave","user":"root","publicKey":"KEY","temporary":false,"created_at":"2026-01-02 03:04:05"},{"id":"2","label":7,"user":null,"publicKey":"KEY","temporary":"1","created_at":1767323045}],"meta":{"pagination":{"total":2,"count":2,"per_page":40,"current_page":1,"total_pages":1,"links":{}}}}""",
            """{"data":[{"id":9,"name":"web-01","ipAddress":"192.0.2.1","connected":true,"online":1,"tags":[{"name":"prod"},"b",3],"created_at":"2026-01-02T03:04:05.000000Z","os":"Ubuntu","osVersion":22.04,"stack":"native"}],"current_page":1,"last_page":2,"per_page":1,"total":2,"next_page_url":"https://x/?page=2","links":[]}""",
            """{"data":[],"meta":[]}""",
            """{"data":[{"id":3,"username":"deploy","deploymentKey":"KEY","deleteable":true,"created_at":null}],"meta":{"total":1,"per_page":15,"last_page":1,"links":{"next":null}}}""",
            """[{"username":"root","tty":"pts/0","ipAddress":"192.0.2.7","loginSince":"09:12","idle":"1:00m","currentRunningProcess":"-bash"}]""",
            """{"passwordlessLogin":true,"useDns":0,"preventRootLogin":"false"}""",
            """{"message":"The given data was invalid.","errors":{"publicKey":["The key is already used.",{"a":[1]}],"label":"Taken."}}""",
            """{"message":"pong"}""",
        }.Select(text => Encoding.UTF8.GetBytes(text.Replace("KEY", SshVectors.Lines.First(), StringComparison.Ordinal))),
    ];

    /// <summary>Headers, one on each line.</summary>
    internal static IReadOnlyList<byte[]> Headers { get; } =
    [
        .. new[]
        {
            "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 59\nX-RateLimit-Reset: 1767323045\nDate: Fri, 02 Jan 2026 03:04:05 GMT",
            "Retry-After: 7\nX-RateLimit-Limit: 0\nX-RateLimit-Remaining: 0",
            "Retry-After: Fri, 02 Jan 2026 03:04:05 GMT\nX-RateLimit-Reset: 1767323045000",
            "Retry-After: 1767323045\nDate: Mon, 01 Jan 0001 00:00:00 GMT\nX-RateLimit-Limit: 99999999999999999999",
            "Retry-After: -1\nX-RateLimit-Remaining: -5\nX-RateLimit-Reset: 0",
        }.Select(Encoding.UTF8.GetBytes),
    ];
}
