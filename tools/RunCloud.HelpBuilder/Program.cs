namespace RunCloud.HelpBuilder;

/// <summary>The command line; see the usage.</summary>
internal static class Program
{
    private const string Usage =
        """
        usage: RunCloud.HelpBuilder <docs directory> <output directory> [<address of the docs on the web>]
               RunCloud.HelpBuilder --manifest <manifest> <staged module> <version> [<address of the project>]

        The second form completes the manifest for the staged module, and prints its tags.
        """;

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["--manifest", var manifest, var staged, var version, .. var rest] when rest.Length < 2:
                Console.Out.WriteLine(ManifestBuild.Run(manifest, staged, version, AddressIn(rest)));
                return 0;
            case [var docs, var output, .. var rest] when rest.Length < 2:
                return HelpBuild.Run(docs, output, Console.Error, AddressIn(rest));
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static string? AddressIn(string[] rest) => rest is [{ Length: > 0 } address] ? address : null;
}
