using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace RunCloud.Api.Tests.Fuzzing;

/// <summary>Feeds a reader with changed inputs, and bounds what it may take.</summary>
internal static class Fuzz
{
    /// <summary>How many inputs a plain test run gives to each reader.</summary>
    private const int Usual = 5_000;

    /// <summary>The most memory that a reader may allocate for an input: a fixed part, and a multiple of its size.</summary>
    private const long AllocationBase = 256 * 1024;
    private const long AllocationPerByte = 400;

    /// <summary>A reader that takes longer hangs. It is far more than a busy machine needs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\0", "\n", "\r\n", " ", "\t", "\"", "\\", "\\u", "\\ud800", "{", "}", "[", "]", ",", ":", "=", "==", "null", "true", "-1", "1e999", "9223372036854775808",
            "ssh-rsa ", "ssh-ed25519 ", "AAAAC3NzaC1lZDI1NTE5AAAAI", "AAAAB3NzaC1yc2EAAAADAQAB", "cert-authority ", "command=\"", "-cert-v01@openssh.com",
            "SHA256:", "MD5:", "---- BEGIN SSH2 PUBLIC KEY ----", "\"id\":", "\"data\":", "\"meta\":", "\uFEFF", "\u202E", "🔑",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0, 0, 0, 0], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    ];

    /// <summary>The number of inputs for each reader, from <c>RUNCLOUD_TESTS_FUZZ</c>.</summary>
    internal static int Count { get; } = Environment.GetEnvironmentVariable("RUNCLOUD_TESTS_FUZZ") is { Length: > 0 } text
        ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
        : Usual;

    /// <summary>Gives a reader the inputs as they are, and then changed ones.</summary>
    /// <param name="corpus">Good inputs.</param>
    /// <param name="read">Throws if it finds something wrong.</param>
    internal static void Run(IReadOnlyList<byte[]> corpus, Action<byte[]> read)
    {
        foreach (var input in corpus)
        {
            read(input);
        }

        var longest = TimeSpan.Zero;
        for (var at = 0; at < Count; at++)
        {
            var input = Changed(corpus, new Random(at));
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            try
            {
                read(input);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Input {at} ({Convert.ToBase64String(input)}): {e.Message}", e);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
            Assert.True(allocated <= AllocationBase + (AllocationPerByte * input.Length), $"Input {at} of {input.Length} bytes took {allocated} bytes: {Convert.ToBase64String(input)}");
            Assert.True(watch.Elapsed < Longest, $"Input {at} took {watch.Elapsed}: {Convert.ToBase64String(input)}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Count} inputs, the slowest took {longest.TotalMilliseconds:0.0} ms");
    }

    /// <summary>A good input with one to six changes.</summary>
    private static byte[] Changed(IReadOnlyList<byte[]> corpus, Random random)
    {
        var bytes = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var changes = random.Next(1, 7); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count + 1);
            var count = Math.Min(random.Next(1, 1 << random.Next(1, 8)), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, count);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
                case 5:
                    var other = corpus[random.Next(corpus.Count)];
                    var from = random.Next(other.Length + 1);
                    bytes.InsertRange(at, other[from..Math.Min(other.Length, from + random.Next(200))]);
                    break;
                case 6:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 7:
                    bytes.Reverse(at, count);
                    break;
                default:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 100)));
                    break;
            }
        }

        return [.. bytes];
    }
}
