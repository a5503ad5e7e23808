using System.Text;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using RunCloud.Api;
using Xunit;

namespace RunCloud.Browser.Tests;

/// <summary>The pages are readable with a screen reader, in dark mode, on a phone, and on paper.</summary>
public sealed class LookTests(ChromiumFixture chromium)
{
    [Theory]
    [InlineData("access", ColorScheme.Light, 1280)]
    [InlineData("access", ColorScheme.Dark, 1280)]
    [InlineData("access", ColorScheme.Light, 380)]
    [InlineData("access-clean", ColorScheme.Dark, 1280)]
    [InlineData("revocation", ColorScheme.Light, 1280)]
    [InlineData("revocation", ColorScheme.Dark, 1280)]
    [InlineData("revocation", ColorScheme.Light, 380)]
    [InlineData("revocation-cut", ColorScheme.Dark, 1280)]
    [InlineData("revocation-settled", ColorScheme.Light, 1280)]
    public async Task Axe_finds_nothing_wrong(string name, ColorScheme scheme, int width)
    {
        await using var open = await chromium.OpenAsync(SamplePages.Of(name), width, scheme);
        await open.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach((one) => { one.fill?.(); one.open = true; })");
        if (name.StartsWith("access", StringComparison.Ordinal))
        {
            await open.Page.Locator("#tab-servers").ClickAsync();
            await open.Page.Locator("#panel tbody button.link").First.ClickAsync();
        }

        var result = await open.Page.RunAxe();
        Assert.Empty(result.Violations.Select(violation => $"{violation.Id}: {violation.Nodes.Select(node => node.Html).FirstOrDefault()}"));
        Assert.NotEmpty(result.Passes);
    }

    [Theory]
    [InlineData(380)]
    [InlineData(1024)]
    [InlineData(1600)]
    public async Task The_pages_fit_the_window(int width)
    {
        foreach (var name in (string[])["access", "revocation"])
        {
            await using var open = await chromium.OpenAsync(SamplePages.Of(name), width);
            Assert.True(await open.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") <= width);
            Assert.True(await open.Page.EvaluateAsync<int>("() => Math.max(...[...document.querySelectorAll('.scroll')].map((one) => one.scrollWidth - one.clientWidth))") <= 0, $"{name}: a table is wider than its place");
        }
    }

    [Fact]
    public async Task Light_and_dark_follow_the_system()
    {
        async Task<string> BackgroundAsync(ColorScheme scheme)
        {
            await using var open = await chromium.OpenAsync(SamplePages.Of("access"), scheme: scheme);
            return await open.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        }

        Assert.Equal(["rgb(246, 247, 249)", "rgb(18, 22, 28)"], [await BackgroundAsync(ColorScheme.Light), await BackgroundAsync(ColorScheme.Dark)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("#tab=servers&root=1&q=nobody")]
    public async Task The_print_has_the_findings_and_then_all_servers(string fragment)
    {
        await using var open = await chromium.OpenAsync(SamplePages.Of("access"), scheme: ColorScheme.Dark, fragment: fragment);
        var pdf = await open.Page.PdfAsync(new PagePdfOptions { PreferCSSPageSize = true });
        Assert.InRange(Regex.Count(Encoding.Latin1.GetString(pdf), "/Type ?/Page[^s]"), 2, 20);
        await open.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        Assert.Equal(24, await open.Page.Locator("#print tbody tr:visible").CountAsync());
        Assert.Equal(0, await open.Page.Locator("[role=tablist]:visible").CountAsync());
        Assert.Equal("rgb(255, 255, 255)", await open.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
        Assert.Equal(0, await open.Page.Locator("details:not([open])").CountAsync());
    }

    [Fact]
    public async Task Printed_evidence_is_complete()
    {
        await using var open = await chromium.OpenAsync(RevocationPage.ToBytes(SampleRevocation.OfSize(300)));
        Assert.Equal(100, await open.Page.Locator("section[aria-labelledby=removed] tbody tr").CountAsync());
        _ = await open.Page.PdfAsync();
        Assert.Equal(300 - (300 / 7), await open.Page.Locator("section[aria-labelledby=removed] tbody tr").CountAsync());
    }

    [Fact]
    public async Task The_pictures_of_the_readme_are_small_and_look_like_the_pages()
    {
        await using var open = await chromium.OpenAsync(SamplePages.Of("access"));
        var shot = await open.Page.ScreenshotAsync();
        var pixels = await chromium.PixelsAsync(shot);
        var small = PalettePng.ToBytes(pixels, 1280);
        Assert.True(small.Length < shot.Length / 2, $"{small.Length} of {shot.Length}");
        var again = await chromium.PixelsAsync(small);
        Assert.Equal(pixels.Length, again.Length);
        Assert.InRange(pixels.Zip(again, (before, after) => Math.Abs(before - after)).Max(), 0, 40);
    }
}
