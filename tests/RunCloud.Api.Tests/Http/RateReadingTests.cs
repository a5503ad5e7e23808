using System.Globalization;
using Xunit;

namespace RunCloud.Api.Tests.Http;

/// <summary>What the headers of an answer say about the limit.</summary>
public sealed class RateReadingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("60", 60)]
    [InlineData("3000000000", int.MaxValue)]
    [InlineData("-1", null)]
    [InlineData("1.5", null)]
    [InlineData("", null)]
    [InlineData("many", null)]
    [InlineData("60, 60;w=60", null)]
    [InlineData("99999999999999999999999", null)]
    public void Limit_and_remaining_are_whole_numbers(string text, int? expected)
    {
        using var answer = Answers.Json("{}").With("X-RateLimit-Limit", text).With("x-ratelimit-remaining", text);
        var reading = RateReading.From(answer, Now);

        Assert.Equal(expected, reading.Limit);
        Assert.Equal(expected, reading.Remaining);
        Assert.False(reading.Refused);
    }

    [Fact]
    public void A_limit_of_zero_is_ignored_and_so_is_its_remaining()
    {
        using var answer = Answers.Json("{}").With("X-RateLimit-Limit", "0").With("X-RateLimit-Remaining", "0");

        Assert.Equal(new RateReading(Refused: false), RateReading.From(answer, Now));
    }

    [Fact]
    public void Zero_remaining_of_a_limit_means_none_left()
    {
        using var answer = Answers.Json("{}").With("X-RateLimit-Limit", "60").With("X-RateLimit-Remaining", "0");

        Assert.Equal((60, 0), (RateReading.From(answer, Now).Limit, RateReading.From(answer, Now).Remaining));
    }

    [Theory]
    [InlineData("1772443860", 60)]
    [InlineData("60", 60)]
    [InlineData("0", 0)]
    [InlineData("1772443860000", 60)]
    [InlineData("7258118401", null)]
    [InlineData("soon", null)]
    public void A_reset_is_a_time_or_seconds_from_now(string text, int? seconds)
    {
        using var answer = Answers.Json("{}").With("X-RateLimit-Reset", text);

        Assert.Equal(seconds is null ? null : Now.AddSeconds(seconds.Value), RateReading.From(answer, Now).Reset);
    }

    [Fact]
    public void Seconds_from_now_are_from_the_server_s_now()
    {
        var server = Now.AddHours(2);
        using var answer = Answers.Json("{}").With("X-RateLimit-Reset", "30").With("Date", server.ToString("R", CultureInfo.InvariantCulture));

        Assert.Equal(server.AddSeconds(30), RateReading.From(answer, Now).Reset);
    }

    [Theory]
    [InlineData("7", null, 7)]
    [InlineData("Mon, 02 Mar 2026 09:30:07 GMT", null, 7)]
    [InlineData("Mon, 02 Mar 2026 11:30:07 GMT", "Mon, 02 Mar 2026 11:30:00 GMT", 7)]
    [InlineData("Mon, 02 Mar 2026 09:29:00 GMT", null, -60)]
    [InlineData("1772443807", null, 7)]
    [InlineData("1772443807000", null, 7)]
    [InlineData("1772451007", "Mon, 02 Mar 2026 11:30:00 GMT", 7)]
    [InlineData("31536000", null, 31536000)]
    [InlineData("7258118401", null, null)]
    [InlineData("99999999999999999999999", null, null)]
    [InlineData("1.5", null, null)]
    [InlineData("soon", null, null)]
    public void Retry_After_is_seconds_or_a_date(string text, string? date, int? seconds)
    {
        using var answer = Answers.Message(429, "No.").With("Retry-After", text);
        var reading = RateReading.From(date is null ? answer : answer.With("Date", date), Now);

        Assert.Equal(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), reading.RetryAfter);
        Assert.True(reading.Refused);
    }

    [Theory]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 36525)]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT", -36525)]
    public void The_largest_time_is_cut_to_a_lifetime(string text, int days)
    {
        using var answer = Answers.Message(429, "No.").With("Retry-After", text).With("Date", "Mon, 02 Mar 2026 09:29:53 GMT");

        Assert.Equal(TimeSpan.FromDays(days), RateReading.From(answer, Now).RetryAfter);
    }

    [Theory]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT")]
    public void An_impossible_server_date_is_ignored(string text)
    {
        using var answer = Answers.Message(429, "No.").With("Date", text).With("X-RateLimit-Reset", "30");
        var reading = RateReading.From(answer, Now);

        Assert.Null(reading.ServerTime);
        Assert.Equal(Now.AddSeconds(30), reading.Reset);
    }

    [Fact]
    public void No_headers_say_nothing()
    {
        using var answer = Answers.Json("{}");

        Assert.Equal(new RateReading(Refused: false), RateReading.From(answer, Now));
    }
}
