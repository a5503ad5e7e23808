using System.Diagnostics;
using RunCloud.Api;
using Xunit;

namespace RunCloud.Browser.Tests;

/// <summary>The evidence page of a revocation, from top to bottom.</summary>
public sealed class RevocationPageTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task The_verdict_comes_first_and_says_what_is_not_settled()
    {
        await using var open = await OpenAsync(SampleRevocation.Everyday());
        Assert.Equal("Removed from 15 of 24 servers. 2 not confirmed. 1 failed. 6 did not have it.", await open.Page.Locator(".verdict").InnerTextAsync());
        Assert.Contains("reason: OFF-1123: Dave has left", await open.Page.Locator(".facts").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("1 server was left alone on request", await open.Page.Locator(".note").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(
            ["web-15 Unconfirmed", "web-16 Unconfirmed", "web-21 Failed"],
            (await open.Page.Locator("section[aria-labelledby=unsettled] tbody tr").AllInnerTextsAsync()).Select(text => text.Split('\n', '\t')).Select(text => $"{text[0]} {text.First(word => word is "Unconfirmed" or "Failed")}"));
        Assert.Equal(["Not settled", "Left to do by hand", "Removed", "Did not have it", "Left alone on request", "Warnings of the run", "How this was done"], await open.Page.Locator("h2").AllInnerTextsAsync());
    }

    [Fact]
    public async Task What_is_left_to_do_by_hand_can_be_ticked_off()
    {
        await using var open = await OpenAsync(SampleRevocation.Everyday());
        var chores = await open.Page.Locator(".ticks li").AllInnerTextsAsync();
        foreach (var expected in (string[])["SSH Key Vault", "sessions on web-02", "deployment key for app on web-05", "cert-authority line of runcloud", "passwords", "authorized_keys by hand", "RunCloud team"])
        {
            Assert.Contains(chores, chore => chore.Contains(expected, StringComparison.Ordinal));
        }

        await open.Page.Locator(".ticks label").First.ClickAsync();
        Assert.True(await open.Page.Locator(".ticks input").First.IsCheckedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_line_to_paste_finds_the_key_on_a_server(bool isThere)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The line is for a server's shell.");
        await using var open = await OpenAsync(SampleRevocation.Everyday());
        var line = await open.Page.Locator("section[aria-labelledby=unsettled] code").InnerTextAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, SampleAccess.Person(1, "alice") + "\n" + (isThere ? SampleAccess.Person(9, "dave") + "\n" : string.Empty), TestContext.Current.CancellationToken);
            var here = line.Replace("sudo ", string.Empty, StringComparison.Ordinal).Replace("/root/.ssh/authorized_keys /home/*/.ssh/authorized_keys", file, StringComparison.Ordinal);
            Assert.NotEqual(line, here);
            using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", here]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(isThere ? $"2:{SampleAccess.Person(9, "dave")}\n" : string.Empty, output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_settled_run_says_so()
    {
        await using var open = await OpenAsync(SampleRevocation.Settled());
        Assert.Equal("Nothing. Every server that was meant is accounted for.", await open.Page.Locator(".clean").InnerTextAsync());
        Assert.Equal(0, await open.Page.Locator("[role=alert]").CountAsync());
        Assert.Contains("s-good", await open.Page.Locator(".verdict").GetAttributeAsync("class") ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_does_not_look_complete()
    {
        await using var open = await OpenAsync(SampleRevocation.Cut());
        Assert.Contains("has not ended, or was ended by force", await open.Page.Locator("[role=alert]").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("s-high", await open.Page.Locator(".verdict").GetAttributeAsync("class") ?? string.Empty, StringComparison.Ordinal);
        Assert.Contains("to not ended", await open.Page.Locator("dl").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rotation_names_the_new_key()
    {
        await using var open = await OpenAsync(SampleRevocation.Rotation());
        Assert.Equal("SSH key rotation, workspace prod", await open.Page.TitleAsync());
        Assert.StartsWith("Replaced on 4 of 4 servers.", await open.Page.Locator(".verdict").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("replaced by SHA256:", await open.Page.Locator(".keys").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("dave, dave-new-laptop", await open.Page.Locator("section[aria-labelledby=removed]").InnerTextAsync(), StringComparison.Ordinal);
    }

    private Task<OpenPage> OpenAsync(RevocationReport report) => chromium.OpenAsync(RevocationPage.ToBytes(report));
}
