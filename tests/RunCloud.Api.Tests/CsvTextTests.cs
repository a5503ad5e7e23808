using Xunit;

namespace RunCloud.Api.Tests;

/// <summary>No value of a CSV file is a formula, and no other value is changed.</summary>
public sealed class CsvTextTests
{
    [Theory]
    [InlineData("=1+2")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("|calc")]
    [InlineData("%1")]
    [InlineData("\uFF1D1+2")]
    [InlineData("\uFF0B1")]
    [InlineData("\uFF0D1")]
    [InlineData("\uFF20SUM(A1)")]
    [InlineData("\u22121")]
    [InlineData("  =1+2")]
    [InlineData("\u00A0=1+2")]
    [InlineData("\t=1+2")]
    [InlineData("\ttext")]
    [InlineData("\rtext")]
    public void What_a_spreadsheet_would_evaluate_becomes_text(string value) => Assert.Equal("'" + value, CsvText.Text(value));

    [Theory]
    [InlineData("")]
    [InlineData("web-01")]
    [InlineData("a=b")]
    [InlineData("'=1")]
    [InlineData("\n text")]
    public void Any_other_text_stays_as_it_is(string value) => Assert.Equal(value, CsvText.Text(value));

    [Fact]
    public void A_time_is_in_UTC() => Assert.Equal("2026-03-01T20:45:00Z", CsvText.Text(new DateTimeOffset(2026, 3, 2, 2, 30, 0, TimeSpan.FromMinutes(345))));
}
