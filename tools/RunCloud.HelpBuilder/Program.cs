using System;

namespace RunCloud.HelpBuilder;

/// <summary>The command line: <c>dotnet RunCloud.HelpBuilder.dll &lt;docs directory&gt; &lt;output directory&gt;</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length != 2)
        {
            Console.Error.WriteLine("usage: RunCloud.HelpBuilder <docs directory> <output directory>");
            return 2;
        }

        return HelpBuild.Run(args[0], args[1], Console.Error);
    }
}
