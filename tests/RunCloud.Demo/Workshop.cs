using System;
using System.IO;
using RunCloud.Testing;

namespace RunCloud.Demo;

/// <summary>A folder of the demo's own with the leaked key's <c>.pub</c> file; gone on disposal.</summary>
internal sealed class Workshop : IDisposable
{
    /// <summary>The name of the file with the leaked public key.</summary>
    public const string KeyFile = "dave.pub";

    private readonly TemporaryFolder _folder = new();

    /// <summary>Makes the folder.</summary>
    /// <param name="leakedKey">The public key's line.</param>
    public Workshop(string leakedKey) => File.WriteAllText(KeyPath, leakedKey + "\n");

    /// <summary>Its path.</summary>
    public string Folder => _folder.Path;

    /// <summary>The path of the file with the leaked public key.</summary>
    public string KeyPath => Path.Combine(Folder, KeyFile);

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
