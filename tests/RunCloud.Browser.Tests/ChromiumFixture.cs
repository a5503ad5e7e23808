using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(RunCloud.Browser.Tests.ChromiumFixture))]

namespace RunCloud.Browser.Tests;

/// <summary>One Chromium for all tests; each of them has a window of its own.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    private Chromium? _chromium;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _chromium = Chromium.ExecutablePath is null ? null : await Chromium.StartAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _chromium?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Opens a page from a file; skips the test where there is no Chromium.</summary>
    internal Task<OpenPage> OpenAsync(byte[] content, int width = 1280, ColorScheme scheme = ColorScheme.Light, string fragment = "")
    {
        Assert.SkipWhen(_chromium is null, "There is no Chromium on this machine: install Debian's package chromium, or set CHROMIUM to its path.");
        return _chromium.OpenAsync(content, width, scheme, fragment);
    }

    /// <summary>The pixels of a picture; there is a Chromium, since a page was opened before.</summary>
    internal Task<byte[]> PixelsAsync(byte[] picture) => Pictures.PixelsAsync(_chromium!, picture);
}
