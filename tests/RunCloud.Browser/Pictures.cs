using System.IO;
using System.Threading.Tasks;
using Microsoft.Playwright;

namespace RunCloud.Browser;

/// <summary>Writes pictures of the pages with sample data, for the README and for whoever changes the design.</summary>
internal static class Pictures
{
    /// <summary>Writes the sample pages themselves, to be opened by hand.</summary>
    internal static async Task WritePagesAsync(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        foreach (var name in SamplePages.Names)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".html"), SamplePages.Of(name));
        }
    }

    /// <summary>Writes them into a folder, which is made.</summary>
    internal static async Task WriteAsync(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        await using var chromium = await Chromium.StartAsync();
        var (access, revocation) = (SamplePages.Of("access"), SamplePages.Of("revocation"));
        foreach (var (name, content, width, scheme) in ((string, byte[], int, ColorScheme)[])
        [
            ("access-report", access, 1200, ColorScheme.Light),
            ("access-report-dark", access, 1200, ColorScheme.Dark),
            ("access-report-phone", access, 390, ColorScheme.Light),
            ("revocation-report", revocation, 1200, ColorScheme.Light),
            ("revocation-report-dark", revocation, 1200, ColorScheme.Dark),
            ("revocation-report-phone", revocation, 390, ColorScheme.Light),
        ])
        {
            await using var open = await chromium.OpenAsync(content, width, scheme);
            _ = await open.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), Clip = new Clip { X = 0, Y = 0, Width = width, Height = width > 1000 ? 1100 : 1600 }, FullPage = true });
        }
    }
}
