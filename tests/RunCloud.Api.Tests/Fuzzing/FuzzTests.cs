using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RunCloud.Api.Tests.Access;
using Xunit;

namespace RunCloud.Api.Tests.Fuzzing;

/// <summary>
/// Whatever comes in, no reader throws anything but what its callers expect, takes memory or time out of proportion, or gives an answer that
/// does not agree with itself. <c>RUNCLOUD_TESTS_FUZZ</c> sets how many inputs each gets.
/// </summary>
public sealed class FuzzTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Key_lines() => Fuzz.Run(Corpus.Lines, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        if (!SshPublicKey.TryParse(text, out var key))
        {
            _ = Assert.Throws<SshKeyFormatException>(() => SshPublicKey.Parse(text));
            return;
        }

        MustAgreeWithItself(key);
        Assert.Equal(key, SshPublicKey.Parse("  " + text + "\r\n"));
        Assert.True(SshKeySelector.Parse(key.Fingerprint).Matches(key));
        Assert.True(SshKeySelector.Parse(key.FingerprintMD5).Matches(key));
        Assert.NotEqual(SshKeyMatch.NotComparable, new SshKeyFilter([SshKeySelector.For(key)]).Test(text, isWhole: true));
    });

    [Fact]
    public void Blobs() => Fuzz.Run([.. SshVectors.Lines.Select(line => Convert.FromBase64String(line.Split(' ')[1]))], input =>
    {
        var name = new SshWireReader(input).TryReadText(out var inner) ? Encoding.ASCII.GetString(inner) : "ssh-ed25519";
        if (SshPublicKey.TryParse(name + " " + Convert.ToBase64String(input), out var key))
        {
            MustAgreeWithItself(key);
        }
    });

    [Fact]
    public void Key_files_and_arguments() => Fuzz.Run(Corpus.Documents, input =>
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (var read in new[] { SshKeyDocument.ReadText, text => SshKeyDocument.ReadFile(text) })
        {
            try
            {
                foreach (var entry in read(text))
                {
                    Assert.NotEmpty(entry.Selector.ToString());
                }
            }
            catch (SshKeyFormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    });

    [Fact]
    public void Answers_of_the_api() => Fuzz.Run(Corpus.Answers, input =>
    {
        _ = Read(input, WireJson.Default.ListRowSshCredentialRow)?.Data?.Where(row => row?.Id is not null).Select(row => row.ToCredential(1, server: null).ToString()).ToList();
        _ = Read(input, WireJson.Default.ListRowServerRow)?.Data?.Where(row => row?.Id is not null).Select(row => row.ToServer().ToString()).ToList();
        _ = Read(input, WireJson.Default.ListRowSystemUserRow)?.Data?.Where(row => row?.Id is not null).Select(row => row.ToUser(1, server: null).ToString()).ToList();
        _ = Read(input, WireJson.Default.SshSessionsRow)?.List?.Data?.Where(row => row is not null).Select(row => row.ToSession(1, server: null).ToString()).ToList();
        _ = Read(input, WireJson.Default.SshCredentialRow)?.Content;
        _ = Read(input, WireJson.Default.SshSettingRow)?.ToSetting(1, server: null);
        _ = Read(input, WireJson.Default.PingRow)?.Message;
        _ = Read(input, WireJson.Default.ErrorRow)?.FieldErrors(text => text);
        _ = Read(input, WireJson.Default.ListRowAnyRow)?.Data?.Count;
    });

    [Fact]
    public void Headers() => Fuzz.Run(Corpus.Headers, input =>
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        foreach (var line in Encoding.Latin1.GetString(input).Split('\n'))
        {
            if (line.Split(": ", 2) is [var name, var value])
            {
                _ = answer.Headers.TryAddWithoutValidation(name, value);
            }
        }

        var reading = RateReading.From(answer, Now);
        Assert.True(reading.Refused);
        Assert.True(reading.Limit is null or > 0);
        Assert.True(reading.Remaining is null or >= 0);
        Assert.InRange(reading.RetryAfter ?? TimeSpan.Zero, TimeSpan.FromDays(-36_525), TimeSpan.FromDays(36_525));
    });

    [Fact]
    public void Baselines() => Fuzz.Run(AccessFleet.SomeBaselines, input =>
    {
        var baseline = Baseline.Read(input, new Uri("https://manage.runcloud.io/api/v3"), out var problem);
        Assert.Equal(baseline is null, problem is not null);
    });

    [Fact]
    public void Options_of_key_lines() => Fuzz.Run([.. Corpus.Lines.Select(line => line[..Math.Min(line.Length, 60)])], input =>
    {
        var text = Encoding.UTF8.GetString(input);
        _ = SshKeyOptions.Read(text).IsCertificateAuthority;
        if (SshKeyOptions.TrySkip(text, out var length))
        {
            Assert.InRange(length, 1, text.Length);
        }
    });

    private static void MustAgreeWithItself(SshPublicKey key)
    {
        var again = SshPublicKey.Parse(key.Algorithm + " " + Convert.ToBase64String(key.Blob.Span));
        Assert.Equal(key, again);
        Assert.Equal(key.Fingerprint, again.Fingerprint);
        Assert.StartsWith("SHA256:", key.Fingerprint, StringComparison.Ordinal);
        Assert.DoesNotContain(key.ToString(), character => char.IsControl(character) && character != '\t');
    }

    /// <summary>Reads as the client does, and lets pass what the client takes for an unreadable answer.</summary>
    private static T? Read<T>(byte[] input, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(input, type);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
