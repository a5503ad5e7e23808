using System.Text;
using Microsoft.Playwright;
using RunCloud.Api;
using Xunit;

namespace RunCloud.Browser.Tests;

/// <summary>The page of an audit as a reader uses it. Expected values come from the snapshot, not from the page's own counts.</summary>
public sealed class AccessPageTests(ChromiumFixture chromium)
{
    private static readonly AccessSnapshot Snapshot = SampleAccess.Everyday();
    private static readonly byte[] Everyday = AccessPage.ToBytes(Snapshot);

    private static IEnumerable<(AccessSnapshot.ServerEntry Server, AccessSnapshot.CredentialEntry Credential)> Entries =>
        Snapshot.Servers.SelectMany(server => server.Credentials.Select(credential => (server, credential)));

    [Fact]
    public async Task The_head_says_what_was_read_and_what_was_not()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        Assert.Equal("SSH access, workspace prod", await open.Page.Locator("h1").InnerTextAsync());
        Assert.Equal("SSH access, workspace prod", await open.Page.TitleAsync());
        var facts = await open.Page.Locator(".facts").InnerTextAsync();
        Assert.Contains("23 of 24 servers read", facts, StringComparison.Ordinal);
        Assert.Contains("25 Nov 2026 14:03 UTC", facts, StringComparison.Ordinal);
        Assert.Contains("alice on ADM-7", facts, StringComparison.Ordinal);
        Assert.Contains("mail-24: RunCloud returned a server error", await open.Page.Locator(".band").First.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("2 servers are offline", await open.Page.Locator(".note").InnerTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_view_has_its_rows()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        var keys = Entries.Select(entry => entry.Credential.Key?.ToString() ?? $"unreadable {entry.Credential.Id}").Distinct().Count();
        Assert.Equal($"{keys} of {keys} keys", await CountAsync(open));
        Assert.Equal(keys, await RowsAsync(open));
        await open.Page.Locator("#tab-people").ClickAsync();
        Assert.Equal($"{keys} of {keys} people", await CountAsync(open));
        await open.Page.Locator("#tab-servers").ClickAsync();
        Assert.Equal("24 of 24 servers", await CountAsync(open));
        Assert.Equal(24, await RowsAsync(open));
        Assert.Contains("not read", await open.Page.Locator("#panel tbody tr", new PageLocatorOptions { HasText = "mail-24" }).InnerTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("offline")]
    [InlineData("list")]
    [InlineData("new")]
    [InlineData("root", "list")]
    [InlineData("root", "new")]
    [InlineData("offline", "list")]
    public async Task Filters_combine(params string[] filters)
    {
        await using var open = await chromium.OpenAsync(Everyday);
        foreach (var filter in filters)
        {
            await open.Page.Locator($"[data-filter={filter}]").ClickAsync();
            Assert.Equal("true", await open.Page.Locator($"[data-filter={filter}]").GetAttributeAsync("aria-pressed"));
        }

        var news = Snapshot.Findings.Where(finding => finding.Rule == "NewSinceBaseline").ToList();
        var expected = Entries.Where(entry => Array.TrueForAll(filters, filter => filter switch
        {
            "root" => entry.Credential.User == "root",
            "offline" => entry.Server.Online != true,
            "list" => entry.Credential.Key is not { } key || Snapshot.Keys[key].Allowed != true,
            _ => news.Exists(finding => finding.ServerId == entry.Server.Id && (finding.CredentialId is null || finding.CredentialId == entry.Credential.Id)),
        })).Select(entry => entry.Credential.Key?.ToString() ?? $"unreadable {entry.Credential.Id}").Distinct().Count();
        Assert.StartsWith($"{expected} of ", await CountAsync(open), StringComparison.Ordinal);
        Assert.Equal(expected, expected == 0 ? 0 : await RowsAsync(open));
    }

    [Theory]
    [InlineData("dave@laptop", 1)]
    [InlineData("EVE", 1)]
    [InlineData("root web-02", 2)]
    [InlineData("SHA256:", 9)]
    [InlineData("nobody at all", 0)]
    public async Task The_search_looks_at_server_user_key_and_comment(string text, int keys)
    {
        await using var open = await chromium.OpenAsync(Everyday);
        await open.Page.Locator("#search").FillAsync(text);
        Assert.StartsWith($"{keys} of ", await CountAsync(open), StringComparison.Ordinal);
        Assert.Equal(keys == 0, await open.Page.GetByText("Nothing fits these filters.").IsVisibleAsync());
    }

    [Fact]
    public async Task A_click_on_a_heading_sorts_by_it_and_another_one_turns_it_round()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        var heading = open.Page.Locator("#panel th", new PageLocatorOptions { HasText = "Findings" });
        await heading.Locator("button").ClickAsync();
        var down = (await ColumnAsync(open, 7)).Select(int.Parse).ToList();
        Assert.Equal(down.OrderDescending(), down);
        Assert.NotEqual(down[0], down[^1]);
        Assert.Equal("descending", await heading.GetAttributeAsync("aria-sort"));
        await heading.Locator("button").ClickAsync();
        Assert.Equal(down.Order(), (await ColumnAsync(open, 7)).Select(int.Parse));
        await open.Page.Locator("#tab-servers").ClickAsync();
        Assert.Equal(Snapshot.Servers.Select(server => server.Name!).Order(StringComparer.Ordinal), await ColumnAsync(open, 0));
    }

    [Fact]
    public async Task The_view_stands_in_the_fragment_and_comes_back_from_it()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        await open.Page.Locator("#tab-servers").ClickAsync();
        await open.Page.Locator("#search").FillAsync("web");
        await open.Page.Locator("[data-filter=root]").ClickAsync();
        await open.Page.Locator("#panel th button").First.ClickAsync();
        await open.Page.Locator("[data-severity=Info]").First.ClickAsync();
        var (count, servers, fragment) = (await CountAsync(open), await ColumnAsync(open, 0), new Uri(open.Page.Url).Fragment);
        await using var again = await chromium.OpenAsync(Everyday, fragment: fragment);
        Assert.Equal(count, await CountAsync(again));
        Assert.Equal(servers, await ColumnAsync(again, 0));
        Assert.Equal("web", await again.Page.Locator("#search").InputValueAsync());
        Assert.Equal("true", await again.Page.Locator("[data-filter=root]").GetAttributeAsync("aria-pressed"));
        Assert.Equal("false", await again.Page.Locator("button[data-severity=Info]").GetAttributeAsync("aria-pressed"));
    }

    [Fact]
    public async Task A_fragment_that_is_typed_into_an_open_page_is_followed()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        await open.Page.EvaluateAsync("() => { location.hash = '#tab=servers&offline=1&hide=High'; }");
        await Assertions.Expect(open.Page.Locator("#count")).ToHaveTextAsync("2 of 24 servers");
        Assert.Equal("false", await open.Page.Locator("button[data-severity=High]").GetAttributeAsync("aria-pressed"));
        Assert.Equal(0, await open.Page.Locator("details.rule[data-severity=High]:visible").CountAsync());
    }

    [Fact]
    public async Task A_fragment_cannot_ask_for_a_filter_that_the_page_does_not_have()
    {
        await using var open = await chromium.OpenAsync(AccessPage.ToBytes(SampleAccess.Clean()), fragment: "#tab=keys&list=1&new=1");
        Assert.Equal("1 of 1 key", await CountAsync(open));
        Assert.Equal(0, await open.Page.Locator("[data-filter=list], [data-filter=new]").CountAsync());
    }

    [Theory]
    [InlineData("#tab=nonsense&q=%3Cimg%20src%3Dx%3E&sort=__proto__&hide=toString")]
    [InlineData("#%E0%A4%A")]
    public async Task A_fragment_from_somebody_else_does_no_harm(string fragment)
    {
        await using var open = await chromium.OpenAsync(Everyday, fragment: fragment);
        Assert.Equal("true", await open.Page.Locator("#tab-keys").GetAttributeAsync("aria-selected"));
        Assert.Equal(0, await open.Page.Locator("img").CountAsync());
        Assert.Empty(open.Problems);
    }

    [Theory]
    [InlineData("keys", 10)]
    [InlineData("people", 10)]
    [InlineData("servers", 24)]
    public async Task The_CSV_of_a_view_has_its_rows(string view, int rows)
    {
        await using var open = await chromium.OpenAsync(Everyday, fragment: "#tab=" + view);
        var lines = (await DownloadAsync(open)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(rows + 1, lines.Length);
        Assert.Equal(await open.Page.Locator("#panel th").AllInnerTextsAsync(), lines[0].TrimStart('\uFEFF').Trim('"').Split("\",\"").Select((head, place) => head).ToList());
        Assert.StartsWith("\uFEFF\"", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_buttons_of_the_severities_count_findings_and_hide_them()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        foreach (var severity in (string[])["Critical", "High", "Medium", "Low", "Info"])
        {
            var button = open.Page.Locator($"button[data-severity={severity}]");
            Assert.Equal(Snapshot.Findings.Count(finding => finding.Severity == severity).ToString(), await button.Locator("strong").InnerTextAsync());
            Assert.NotEqual(0, await open.Page.Locator($"details.rule[data-severity={severity}]:visible").CountAsync());
            await button.ClickAsync();
            Assert.Equal(0, await open.Page.Locator($"details.rule[data-severity={severity}]:visible").CountAsync());
        }
    }

    [Fact]
    public async Task A_finding_opens_to_its_servers_and_to_advice_that_can_be_copied()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        Assert.True(await open.Page.Locator("details.rule[data-severity=High]").First.EvaluateAsync<bool>("rule => rule.open"));
        Assert.False(await open.Page.Locator("details.rule[data-severity=Medium]").First.EvaluateAsync<bool>("rule => rule.open"));
        var key = open.Page.Locator("details.rule", new PageLocatorOptions { HasText = "Blocked" }).Locator("details.key");
        Assert.Contains("dave@laptop: 3 servers, root on 1", await key.Locator("summary").InnerTextAsync(), StringComparison.Ordinal);
        await key.Locator("summary").ClickAsync();

        // The browser tells the page of an opened key a moment after the click.
        await Assertions.Expect(key.Locator("tbody tr")).ToHaveCountAsync(3);
        await open.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await key.Locator(".advice button").ClickAsync();
        await Assertions.Expect(key.Locator(".advice button")).ToHaveTextAsync("Copied");
        Assert.StartsWith("Revoke-RunCloudSshKey", await open.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_opens_to_its_keys()
    {
        await using var open = await chromium.OpenAsync(Everyday, fragment: "#tab=servers");
        var name = open.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "web-02", Exact = true });
        await name.ClickAsync();
        Assert.Equal(Snapshot.Servers[1].Credentials.Select(one => one.Label), await open.Page.Locator("tr.details tbody tr td:nth-child(2)").AllInnerTextsAsync());
        await name.ClickAsync();
        Assert.Equal(0, await open.Page.Locator("tr.details").CountAsync());
    }

    [Fact]
    public async Task A_clean_workspace_says_how_much_was_looked_at()
    {
        await using var open = await chromium.OpenAsync(AccessPage.ToBytes(SampleAccess.Clean()));
        Assert.Equal("No finding in 3 servers; 2 rules checked.", await open.Page.Locator(".clean").InnerTextAsync());
    }

    [Fact]
    public async Task Rows_come_by_the_hundred()
    {
        await using var open = await chromium.OpenAsync(AccessPage.ToBytes(SampleAccess.OfSize(250, 20)), fragment: "#tab=servers");
        await Assertions.Expect(TableRows(open)).ToHaveCountAsync(100);
        await open.Page.Locator("#panel button.more").ClickAsync();
        await open.Page.Locator("#panel button.more").ClickAsync();
        Assert.Equal(250, await RowsAsync(open));
        Assert.Equal(0, await open.Page.Locator("#panel button.more").CountAsync());
    }

    [Fact]
    public async Task A_click_shows_what_fits_the_window_before_it_makes_more()
    {
        await using var open = await chromium.OpenAsync(AccessPage.ToBytes(SampleAccess.OfSize(250, 20)), fragment: "#tab=servers");
        var atOnce = await open.Page.EvaluateAsync<int>("() => { document.querySelector('[data-filter=root]').click(); return document.querySelectorAll('#panel tbody tr').length; }");
        Assert.Equal(30, atOnce);
        await Assertions.Expect(TableRows(open)).ToHaveCountAsync(100);
    }

    [Theory]
    [InlineData("", "10 of 10 keys")]
    [InlineData("#tab=keys&root=1", "3 of 10 keys")]
    [InlineData("#tab=people&root=1", "3 of 10 people")]
    [InlineData("#tab=servers&root=1", "23 of 24 servers")]
    public async Task The_total_is_that_of_the_view_without_filters(string fragment, string count)
    {
        await using var open = await chromium.OpenAsync(Everyday, fragment: fragment);
        Assert.Equal(count, await CountAsync(open));
    }

    [Fact]
    public async Task A_browser_that_refuses_to_note_the_view_still_shows_it()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        await open.Page.EvaluateAsync("() => { history.replaceState = () => { throw new DOMException('too many', 'SecurityError'); }; }");
        await open.Page.Locator("#tab-servers").ClickAsync();
        Assert.Equal("24 of 24 servers", await CountAsync(open));
        Assert.Empty(open.Problems);
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using var open = await chromium.OpenAsync(Everyday);
        var keyboard = open.Page.Keyboard;
        await open.Page.Locator("#tab-keys").FocusAsync();
        await keyboard.PressAsync("ArrowRight");
        await keyboard.PressAsync("ArrowRight");
        Assert.Equal("tab-servers", await open.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("web-0");
        Assert.Equal("4 of 24 servers", await CountAsync(open));
        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Space");
        Assert.Equal("true", await open.Page.Locator("[data-filter=root]").GetAttributeAsync("aria-pressed"));
        Assert.NotEqual("none", await open.Page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle"));
        await open.Page.Locator("#panel th button").First.FocusAsync();
        await keyboard.PressAsync("Enter");
        Assert.Equal("Server", await open.Page.EvaluateAsync<string>("() => document.activeElement.textContent"));
        await open.Page.Locator("#panel tbody button").First.FocusAsync();
        await keyboard.PressAsync("Enter");
        Assert.Equal(1, await open.Page.Locator("tr.details").CountAsync());
    }

    /// <summary>The text of the CSV of the view that is open.</summary>
    internal static async Task<string> DownloadAsync(OpenPage open)
    {
        var download = await open.Page.RunAndWaitForDownloadAsync(() => open.Page.Locator("#csv").ClickAsync());
        return Encoding.UTF8.GetString(await File.ReadAllBytesAsync(await download.PathAsync()));
    }

    private static Task<string> CountAsync(OpenPage open) => open.Page.Locator("#count").InnerTextAsync();

    private static ILocator TableRows(OpenPage open) => open.Page.Locator("#panel > div > .scroll > table > tbody > tr");

    private static Task<int> RowsAsync(OpenPage open) => TableRows(open).CountAsync();

    private static async Task<IReadOnlyList<string>> ColumnAsync(OpenPage open, int place) =>
        await open.Page.Locator(FormattableString.Invariant($"#panel > div > .scroll > table > tbody > tr > td:nth-child({place + 1})")).AllInnerTextsAsync();
}
