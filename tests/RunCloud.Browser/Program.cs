using System;
using System.Threading.Tasks;

namespace RunCloud.Browser;

/// <summary><c>pictures FOLDER</c> writes the pictures of the pages; <c>measure</c> tells how long large pages take.</summary>
internal static class Program
{
    /// <summary>Runs it.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>0 when it was done, 2 when not.</returns>
    public static async Task<int> Main(string[] args)
    {
        if (Chromium.ExecutablePath is null)
        {
            Console.Error.WriteLine("There is no Chromium here: install Debian's package chromium, or set CHROMIUM to its path.");
            return 2;
        }

        switch (args)
        {
            case ["pictures", var folder]:
                await Pictures.WriteAsync(folder);
                return 0;
            case ["measure"]:
                await Measurement.RunAsync(Console.Out);
                return 0;
            default:
                Console.Error.WriteLine("Usage: dotnet run --project tests/RunCloud.Browser -- pictures FOLDER | measure");
                return 2;
        }
    }
}
