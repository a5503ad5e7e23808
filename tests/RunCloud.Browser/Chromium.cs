using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace RunCloud.Browser;

/// <summary>The Chromium of this machine. No browser is ever downloaded.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const string Variable = "CHROMIUM";

    private readonly IPlaywright _playwright;
    private readonly string _folder = Directory.CreateTempSubdirectory("runcloud-page-").FullName;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        Browser = browser;
    }

    /// <summary>Where it is; <see langword="null"/> if there is none.</summary>
    internal static string? ExecutablePath => Array.Find([Environment.GetEnvironmentVariable(Variable) ?? string.Empty, "/usr/bin/chromium", "/usr/bin/chromium-browser"], File.Exists);

    /// <summary>The running browser.</summary>
    internal IBrowser Browser { get; }

    /// <summary>Starts it.</summary>
    internal static async Task<Chromium> StartAsync()
    {
        var driver = await Playwright.CreateAsync();
        var browser = await driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ExecutablePath,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        return new Chromium(driver, browser);
    }

    /// <summary>Opens a page from a file, as a double click on it does.</summary>
    /// <param name="content">The file's content.</param>
    /// <param name="width">The width of the window in pixels.</param>
    /// <param name="scheme">Light or dark.</param>
    /// <param name="fragment">What stands behind the address, from the # on.</param>
    /// <param name="scale">How many pixels of the screen one of the page has.</param>
    internal async Task<OpenPage> OpenAsync(byte[] content, int width = 1280, ColorScheme scheme = ColorScheme.Light, string fragment = "", float scale = 1)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.html");
        await File.WriteAllBytesAsync(path, content);
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
            DeviceScaleFactor = scale,
            AcceptDownloads = true,
        });
        var page = await context.NewPageAsync();
        var requests = new ConcurrentQueue<string>();
        var problems = new ConcurrentQueue<string>();
        page.Request += (_, request) => requests.Enqueue(request.Url);
        page.PageError += (_, error) => problems.Enqueue(error);
        page.Console += (_, message) => problems.Enqueue(message.Text);
        _ = await page.GotoAsync(new Uri(path).AbsoluteUri + fragment);
        return new OpenPage(context, page, requests, problems);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One page in a window of its own.</summary>
/// <param name="context">The window.</param>
/// <param name="page">The page.</param>
/// <param name="requests">Every address that it asked for, its own file first.</param>
/// <param name="problems">What its console says, and errors of its script.</param>
internal sealed class OpenPage(IBrowserContext context, IPage page, ConcurrentQueue<string> requests, ConcurrentQueue<string> problems) : IAsyncDisposable
{
    internal IPage Page => page;

    internal string[] Requests => [.. requests];

    internal string[] Problems => [.. problems];

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => context.DisposeAsync();
}
