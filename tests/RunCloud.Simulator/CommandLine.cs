using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RunCloud.Simulator;

/// <summary>What the program was told on its command line.</summary>
public sealed record CommandLine
{
    /// <summary>How the program is used, for <c>--help</c>.</summary>
    public const string Usage =
        """
        A stand-in for the RunCloud API v3 on 127.0.0.1, with a workspace made from a seed.

        dotnet run --project tests/RunCloud.Simulator -- [options]

          --port N               the port (default: any free one)
          --servers N            how many servers (45)
          --keys N               how many keys on each (default: a lifelike mixture of 4 to 60)
          --offline N            how many of the servers do not answer (3)
          --unparsable N         how many of the keys are none (3)
          --disguised            some copies of the leaked key carry another comment or blanks
          --key-options          keys with options are taken, and some disguised copies have them
          --seed N               the same seed makes the same workspace (1)
          --token TEXT           the bearer token (default: made from the seed)
          --latency MS           milliseconds that every request waits (0)
          --connect-latency MS   milliseconds that every new connection waits (0)
          --rate N/SECONDS       at most N requests in so many seconds, then 429 (no limit)
          --rate-kind NAME       how the limit counts: FromFirstRequest, OnTheClock, Sliding or TokenBucket
          --no-rate-headers      send no X-RateLimit headers
          --reset                send X-RateLimit-Reset with every answer, not with 429 alone
          --no-reset             send neither X-RateLimit-Reset nor Retry-After
          --retry-after NAME     the form of Retry-After: None, Seconds, HttpDate or UnixTime
          --page-account NAME    where lists account for their pages: Pagination, PaginationCamel,
                                 MetaCamel, MetaLastPage, MetaSnake, TopSnake, TopCamel or None
          --page-numbers-as-text the numbers of that account are strings
          --beyond-last NAME     what a page too far gets: Empty, NotFound or Unprocessable
          --tls                  HTTPS with HTTP/2, behind a certificate of its own
          --certificate PATH     write that certificate there, as PEM
          --trace                print every request as it ends
          --help                 this text

        """;

    /// <summary>Gets how the simulator is to be set up.</summary>
    public SimulatorOptions Options { get; private init; } = new();

    /// <summary>Gets a value indicating whether only the usage was asked for.</summary>
    public bool Help { get; private init; }

    /// <summary>Gets a value indicating whether every request is to be printed.</summary>
    public bool Trace { get; private init; }

    /// <summary>Gets where the certificate is to be written, or <see langword="null"/>.</summary>
    public string? CertificatePath { get; private init; }

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="commandLine">What they say, if they are right.</param>
    /// <param name="problem">What is wrong with them, if they are not: a sentence.</param>
    /// <returns>Whether they are right.</returns>
    public static bool TryParse(
        IReadOnlyList<string> arguments,
        [NotNullWhen(true)] out CommandLine? commandLine,
        [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        commandLine = null;
        problem = null;
        var read = new CommandLine();
        for (var at = 0; at < arguments.Count; at++)
        {
            var name = arguments[at];
            if (read.Flag(name) is { } flagged)
            {
                read = flagged;
                continue;
            }

            if (Array.TrueForAll(ValueNames, known => !known.Equals(name, StringComparison.Ordinal)))
            {
                problem = $"There is no option '{name}'.";
                return false;
            }

            if (++at == arguments.Count)
            {
                problem = $"{name} needs a value.";
                return false;
            }

            if (read.Value(name, arguments[at]) is not { } valued)
            {
                problem = $"{name} can't be '{arguments[at]}'.";
                return false;
            }

            read = valued;
        }

        if (read.Options.OfflineServers > read.Options.Servers)
        {
            // Fewer servers than the default of those that are offline: nobody asked for that default.
            read = read with { Options = read.Options with { OfflineServers = read.Options.Servers } };
        }

        if (read.CertificatePath is not null && !read.Options.UseTls)
        {
            problem = "--certificate goes with --tls.";
            return false;
        }

        commandLine = read;
        return true;
    }

    private static readonly string[] ValueNames =
    [
        "--port", "--servers", "--keys", "--offline", "--unparsable", "--seed", "--token",
        "--latency", "--connect-latency", "--rate", "--rate-kind", "--retry-after", "--certificate",
        "--page-account", "--beyond-last",
    ];

    private CommandLine? Flag(string name) => name switch
    {
        "--help" or "-h" or "-?" => this with { Help = true },
        "--trace" => this with { Trace = true },
        "--tls" => this with { Options = Options with { UseTls = true } },
        "--page-numbers-as-text" => this with { Options = Options with { PageNumbersAsText = true } },
        "--disguised" => this with { Options = Options with { DisguisedCopies = true } },
        "--key-options" => this with { Options = Options with { AcceptKeyOptions = true } },
        "--reset" => this with { Options = Options with { RateLimit = Options.RateLimit! with { SendResetAlways = true } } },
        "--no-reset" => this with { Options = Options with { RateLimit = Options.RateLimit! with { SendReset = false, RetryAfter = RetryAfterForm.None } } },
        "--no-rate-headers" => this with { Options = Options with { RateLimit = Options.RateLimit! with { SendHeaders = false } } },
        _ => null,
    };

    private CommandLine? Value(string name, string value)
    {
        var options = name switch
        {
            "--port" => Number(value, ushort.MaxValue) is { } port ? Options with { Port = port } : null,
            "--servers" => Number(value) is { } servers ? Options with { Servers = servers } : null,
            "--keys" => Number(value) is { } keys ? Options with { KeysPerServer = keys } : null,
            "--offline" => Number(value) is { } offline ? Options with { OfflineServers = offline } : null,
            "--unparsable" => Number(value) is { } unparsable ? Options with { UnparsableKeys = unparsable } : null,
            "--seed" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? Options with { Seed = seed } : null,
            "--token" => value.Length > 0 ? Options with { Token = value } : null,
            "--latency" => Number(value) is { } wait ? Options with { Latency = TimeSpan.FromMilliseconds(wait) } : null,
            "--connect-latency" => Number(value) is { } wait ? Options with { ConnectionLatency = TimeSpan.FromMilliseconds(wait) } : null,
            "--page-account" => Named<PageAccountForm>(value) is { } account ? Options with { PageAccount = account } : null,
            "--beyond-last" => Named<BeyondLastPage>(value) is { } beyond ? Options with { BeyondLastPage = beyond } : null,
            "--rate-kind" => Named<RateWindowKind>(value) is { } kind ? Options with { RateLimit = Options.RateLimit! with { Kind = kind } } : null,
            "--retry-after" => Named<RetryAfterForm>(value) is { } form ? Options with { RateLimit = Options.RateLimit! with { RetryAfter = form } } : null,
            "--rate" => Rate(value) is { } rate ? Options with { RateLimit = rate } : null,
            _ => Options,
        };
        return options is null
            ? null
            : this with { Options = options, CertificatePath = name is "--certificate" ? value : CertificatePath };
    }

    private RateLimit? Rate(string value)
    {
        var parts = value.Split('/');
        return parts.Length == 2 && Number(parts[0]) is { } limit && Number(parts[1]) is > 0 and var seconds
            ? Options.RateLimit! with { Limit = limit, Window = TimeSpan.FromSeconds(seconds) }
            : null;
    }

    private static T? Named<T>(string value)
        where T : struct, Enum => Array.Exists(Enum.GetNames<T>(), name => name.Equals(value, StringComparison.OrdinalIgnoreCase)) ? Enum.Parse<T>(value, ignoreCase: true) : null;

    private static int? Number(string value, int most = int.MaxValue) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;
}
