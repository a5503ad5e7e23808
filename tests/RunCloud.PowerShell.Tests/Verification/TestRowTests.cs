using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Verification;

/// <summary>A row means the same as an object and as what JSON, CSV or clixml made of it.</summary>
public sealed class TestRowTests : IDisposable
{
    private static readonly DateTimeOffset Ten = new(2026, 11, 30, 10, 0, 0, TimeSpan.Zero);

    private readonly Shell _shell = new(new ShellOptions { Module = null });

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("[datetimeoffset]'2026-11-30T12:00:00+02:00'")]
    [InlineData("[datetime]::SpecifyKind('2026-11-30T10:00:00', 'Utc')")]
    [InlineData("([datetimeoffset]'2026-11-30T12:00:00+02:00').LocalDateTime")]
    [InlineData("'2026-11-30T10:00:00Z'")]
    [InlineData("'2026-11-30 10:00:00'")]
    [InlineData("'2026-11-30T12:00:00+02:00'")]
    public async Task A_time_is_the_same_in_each_form(string time) =>
        Assert.Equal(Ten, (await ReadAsync($"[pscustomobject]@{{ VerifiedAt = {time} }}")).RemovedAt);

    [Theory]
    [InlineData("$null")]
    [InlineData("'soon'")]
    [InlineData("5")]
    public async Task What_is_no_time_is_none(string time) =>
        Assert.Null((await ReadAsync($"[pscustomobject]@{{ VerifiedAt = {time} }}")).RemovedAt);

    [Theory]
    [InlineData("9", "10")]
    [InlineData("10", "9")]
    public async Task Of_several_removals_the_last_counts(string first, string second)
    {
        var row = await ReadAsync($$"""
            [pscustomobject]@{ Status = 'Removed'; Removals = @(
                @{ User = 'root'; VerifiedAt = '2026-11-30T{{first.PadLeft(2, '0')}}:00:00Z' }, @{ User = 'dave'; VerifiedAt = '2026-11-30T{{second.PadLeft(2, '0')}}:00:00Z' } | ForEach-Object { [pscustomobject]$_ }) }
            """);
        Assert.Equal((Ten, true, false), (row.RemovedAt, row.IsAccount, row.IsUntouched));
        Assert.Equal(["root", "dave"], row.Users);
    }

    [Theory]
    [InlineData("Clean", true)]
    [InlineData("kept", true)]
    [InlineData("Planned", true)]
    [InlineData("Unconfirmed", false)]
    public async Task A_server_on_which_nothing_was_done_is_known_by_its_status(string status, bool isUntouched)
    {
        var row = await ReadAsync($"[pscustomobject]@{{ Status = '{status}'; Removals = @() }}");
        Assert.Equal((true, isUntouched), (row.IsAccount, row.IsUntouched));
    }

    private async Task<TestRow> ReadAsync(string script)
    {
        var result = await _shell.RunAsync(script);
        Assert.Null(result.Terminating);
        return TestRow.Of(ServerArgument.From(Assert.Single(result.Output)));
    }
}
