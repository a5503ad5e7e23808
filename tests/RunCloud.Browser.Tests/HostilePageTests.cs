using Microsoft.Playwright;
using RunCloud.Api;
using Xunit;

namespace RunCloud.Browser.Tests;

/// <summary>Labels, comments, names and messages stay text, and no page sends a request.</summary>
public sealed class HostilePageTests(ChromiumFixture chromium)
{
    public static TheoryData<string> Pages => ["access", "access-hostile", "revocation", "revocation-hostile", "rotation"];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_asks_for_nothing_but_its_own_file(string name)
    {
        await using var open = await OpenAsync(name);
        await open.Page.EvaluateAsync("() => document.querySelectorAll('summary, [role=tab], th button, [data-filter]').forEach((one) => one.click())");
        Assert.Equal([open.Page.Url.Split('#')[0]], open.Requests.Select(url => url.Split('#')[0]));
        Assert.Empty(open.Problems);
    }

    [Theory]
    [InlineData("access-hostile")]
    [InlineData("revocation-hostile")]
    public async Task Markup_stays_text(string name)
    {
        await using var open = await OpenAsync(name);
        var title = await open.Page.TitleAsync();
        await open.Page.EvaluateAsync("() => document.querySelectorAll('summary').forEach((one) => one.click())");
        Assert.DoesNotContain("broken", title.Replace("document.title='broken'", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(0, await open.Page.Locator("img, iframe, object, embed, form, a[href], link, base").CountAsync());
        Assert.Equal(2, await open.Page.Locator("script").CountAsync());
        var text = await open.Page.Locator("main").InnerTextAsync();
        foreach (var hostile in SampleAccess.HostileTexts.Take(4))
        {
            Assert.Contains(hostile, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain('\u202E', text);
        Assert.DoesNotContain('\u2066', text);
        Assert.Contains("\uFFFDgpj.exe", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("access-hostile", "#panel")]
    [InlineData("revocation-hostile", "section[aria-labelledby=unsettled]")]
    public async Task A_text_of_ten_thousand_characters_is_cut_and_can_be_opened(string name, string place)
    {
        await using var open = await OpenAsync(name);
        var whole = SampleAccess.HostileTexts[^1];
        Assert.DoesNotContain(whole, await open.Page.Locator(place).InnerTextAsync(), StringComparison.Ordinal);
        await open.Page.Locator(place).GetByText("Show all 10,0").First.ClickAsync();
        Assert.Contains(whole, await open.Page.Locator(place).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("people")]
    [InlineData("servers")]
    public async Task No_cell_of_the_CSV_of_a_view_is_a_formula(string view)
    {
        await using var open = await chromium.OpenAsync(AccessPage.ToBytes(SampleAccess.Hostile()), fragment: "#tab=" + view);
        var csv = await AccessPageTests.DownloadAsync(open);
        Assert.DoesNotContain("\"=", csv.Replace("=\"\"", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(view != "people", csv.Contains("\"'=HYPERLINK", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Nothing_is_wider_than_a_phone(string name)
    {
        await using var open = await OpenAsync(name, width: 380);
        await open.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach((one) => { one.fill?.(); one.open = true; })");
        Assert.True(await open.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") <= 380);
    }

    [Fact]
    public async Task The_policy_of_the_page_stops_other_scripts_and_requests()
    {
        await using var open = await OpenAsync("access");
        await open.Page.EvaluateAsync("() => { const other = document.createElement('script'); other.textContent = 'document.title = \"broken\"'; document.body.append(other); }");
        Assert.Equal("SSH access, workspace prod", await open.Page.TitleAsync());
        Assert.False(await open.Page.EvaluateAsync<bool>("() => fetch('http://127.0.0.1:9/').then(() => true, () => false)"));
        Assert.Contains(open.Problems, problem => problem.Contains("Content Security Policy", StringComparison.Ordinal));
    }

    private Task<OpenPage> OpenAsync(string name, int width = 1280) => chromium.OpenAsync(SamplePages.Of(name), width, ColorScheme.Light);
}
