using System;
using System.IO;

namespace RunCloud.Demo;

/// <summary>A folder of the demo's own under the system's temporary one, with the leaked key's <c>.pub</c> file; gone on disposal.</summary>
internal sealed class Workshop : IDisposable
{
    /// <summary>The name of the file with the leaked public key.</summary>
    public const string KeyFile = "dave.pub";

    /// <summary>Makes the folder.</summary>
    /// <param name="leakedKey">The public key's line.</param>
    public Workshop(string leakedKey)
    {
        Folder = Directory.CreateTempSubdirectory("runcloud-demo-").FullName;
        File.WriteAllText(KeyPath, leakedKey + "\n");
    }

    /// <summary>Its path.</summary>
    public string Folder { get; }

    /// <summary>The path of the file with the leaked public key.</summary>
    public string KeyPath => Path.Combine(Folder, KeyFile);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
