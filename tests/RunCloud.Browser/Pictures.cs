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
            var shot = await open.Page.ScreenshotAsync(new PageScreenshotOptions { Clip = new Clip { X = 0, Y = 0, Width = Width, Height = Height }, FullPage = true });
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), PalettePng.ToBytes(await PixelsAsync(chromium, shot), Width));
        }
    }

    /// <summary>The pixels of a picture, which the browser knows how to read.</summary>
    internal static async Task<byte[]> PixelsAsync(Chromium chromium, byte[] picture)
    {
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        return Convert.FromBase64String(await page.EvaluateAsync<string>(
            """
            async (picture) => {
              const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0));
              const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
              const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
              canvas.drawImage(bitmap, 0, 0);
              const pixels = canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
              let text = "";
              for (let at = 0; at < pixels.length; at += 30000) {
                text += String.fromCharCode(...pixels.subarray(at, at + 30000));
              }

              return btoa(text);
            }
            """,
            Convert.ToBase64String(picture)));
    }
}
