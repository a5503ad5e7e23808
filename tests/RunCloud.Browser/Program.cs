namespace RunCloud.Browser;

/// <summary><c>pages FOLDER</c> writes the sample pages, <c>pictures FOLDER</c> their pictures; <c>measure</c> tells how long large pages take.</summary>
internal static class Program
{
    /// <summary>Runs it.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>0 when it was done, 2 when not.</returns>
    public static async Task<int> Main(string[] args)
    {
        if (Chromium.ExecutablePath is null)
        {
            await Console.Error.WriteLineAsync("There is no Chromium here: install Debian's package chromium, or set CHROMIUM to its path.");
            return 2;
        }

        switch (args)
        {
            case ["pages", var folder]:
                await Pictures.WritePagesAsync(folder);
                return 0;
            case ["pictures", var folder]:
                await Pictures.WriteAsync(folder);
                return 0;
            case ["measure"]:
                await Measurement.RunAsync(Console.Out);
                return 0;
            default:
                await Console.Error.WriteLineAsync("Usage: dotnet run --project tests/RunCloud.Browser -- pages FOLDER | pictures FOLDER | measure");
                return 2;
        }
    }
}
