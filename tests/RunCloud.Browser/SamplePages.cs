using RunCloud.Api;

namespace RunCloud.Browser;

/// <summary>The sample pages by their names.</summary>
internal static class SamplePages
{
    private static readonly Dictionary<string, Lazy<byte[]>> Pages = new(StringComparer.Ordinal)
    {
        ["access"] = new(() => AccessPage.ToBytes(SampleAccess.Everyday())),
        ["access-clean"] = new(() => AccessPage.ToBytes(SampleAccess.Clean())),
        ["access-large"] = new(() => AccessPage.ToBytes(SampleAccess.OfSize(servers: 1000, keysPerServer: 20))),
        ["access-hostile"] = new(() => AccessPage.ToBytes(SampleAccess.Hostile())),
        ["revocation"] = new(() => RevocationPage.ToBytes(SampleRevocation.Everyday())),
        ["revocation-settled"] = new(() => RevocationPage.ToBytes(SampleRevocation.Settled())),
        ["revocation-cut"] = new(() => RevocationPage.ToBytes(SampleRevocation.Cut())),
        ["revocation-hostile"] = new(() => RevocationPage.ToBytes(SampleRevocation.Hostile())),
        ["rotation"] = new(() => RevocationPage.ToBytes(SampleRevocation.Rotation())),
    };

    /// <summary>Their names.</summary>
    internal static IReadOnlyCollection<string> Names => Pages.Keys;

    /// <summary>A page.</summary>
    internal static byte[] Of(string name) => Pages[name].Value;
}
