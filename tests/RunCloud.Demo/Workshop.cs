using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Demo;

/// <summary>A folder of the demo's own with every file that the README's recipes name; gone on disposal.</summary>
internal sealed class Workshop : IDisposable
{
    /// <summary>The name of the file with the leaked public key.</summary>
    public const string KeyFile = "dave.pub";

    /// <summary>The name of the file with the key that takes its place.</summary>
    public const string NewKeyFile = "erin.pub";

    private const string Examples = "examples";

    private readonly TemporaryFolder _folder = new();
    private readonly string _leakedKey;

    /// <summary>Makes the folder.</summary>
    /// <param name="leakedKey">The public key's line.</param>
    public Workshop(string leakedKey)
    {
        _leakedKey = leakedKey;
        Fill();
    }

    /// <summary>Its path.</summary>
    public string Folder => _folder.Path;

    /// <summary>The path of the file with the leaked public key.</summary>
    public string KeyPath => Path.Combine(Folder, KeyFile);

    /// <summary>Takes away what came into the folder, and puts back what was there. The folder itself stays: a shell may stand in it.</summary>
    public void Reset()
    {
        foreach (var folder in Directory.GetDirectories(Folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.GetFiles(Folder))
        {
            File.Delete(file);
        }

        Fill();
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private void Fill()
    {
        File.WriteAllText(KeyPath, _leakedKey + "\n");
        File.WriteAllText(Path.Combine(Folder, NewKeyFile), TestKeys.Line(SshKeyKind.Ed25519, 7, "erin@desk") + "\n");
        var examples = Directory.CreateDirectory(Path.Combine(Folder, Examples)).FullName;
        foreach (var script in Directory.GetFiles(Path.Combine(StagedModule.Folder, "..", "..", Examples)))
        {
            File.Copy(script, Path.Combine(examples, Path.GetFileName(script)));
        }
    }
}
