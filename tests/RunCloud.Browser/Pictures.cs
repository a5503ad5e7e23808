using System.IO;
using System.Threading.Tasks;
using Microsoft.Playwright;

namespace RunCloud.Browser;

/// <summary>Writes pictures of the pages with sample data, for the README and for anyone who changes the design.</summary>
internal static class Pictures
{
    private const int Width = 1200;
    private const int Height = 860;

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
        foreach (var (name, content) in ((string, byte[])[])[("access-report", access), ("revocation-report", revocation)])
        {
            await using var open = await chromium.OpenAsync(content, Width);
            _ = await open.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), Clip = new Clip { X = 0, Y = 0, Width = Width, Height = Height }, FullPage = true });
        }
    }
}
