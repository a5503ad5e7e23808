using System.IO;
using System.Threading.Tasks;
using Microsoft.Playwright;
using RunCloud.Api;

namespace RunCloud.Browser;

/// <summary>Writes pictures of the pages with sample data, for the README and for whoever changes the design.</summary>
internal static class Pictures
{
    /// <summary>Writes them into a folder, which is made.</summary>
    internal static async Task WriteAsync(string folder)
    {
        _ = Directory.CreateDirectory(folder);
        await using var chromium = await Chromium.StartAsync();
        var access = AccessPage.ToBytes(SampleAccess.Everyday());
        var revocation = RevocationPage.ToBytes(SampleRevocation.Everyday());
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
