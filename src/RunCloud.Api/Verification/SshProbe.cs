using System.Globalization;

namespace RunCloud.Api;

/// <summary>The answer about one key after a connection.</summary>
/// <param name="Status">What the server answered.</param>
/// <param name="Detail">What that means, or why the answer is unknown.</param>
internal readonly record struct KeyAnswer(SshKeyTestStatus Status, string Detail);

/// <summary>The result of one connection.</summary>
/// <param name="Answers">The answer to each key.</param>
/// <param name="HostKey">Whether the server's host key was known.</param>
/// <param name="StandsForAll">Whether every other connection to this server would have the same result: no connection, or a wrong host key.</param>
internal sealed record ProbeResult(IReadOnlyList<KeyAnswer> Answers, SshHostKeyState? HostKey, bool StandsForAll);

/// <summary>Asks a server in one connection whether it accepts any of a few keys for a user.</summary>
/// <param name="ssh">The client.</param>
internal sealed class SshProbe(SshClient ssh)
{
    /// <summary>The most keys in one connection: servers end those with more refusals than MaxAuthTries, six by default.</summary>
    internal const int MostKeys = 5;

    private const string RefusedDetail =
        "The server was offered the key and said no. That is its answer to this machine's address: a line with from=\"…\" may still let the key in from another one.";

    private const string NewHostDetail =
        "The server's own key (host key) is not known, and RunCloud does not report the server as online, so another machine may have this address now. No key was offered.";

    /// <summary>Makes the connection.</summary>
    /// <param name="to">Where and as whom.</param>
    /// <param name="keys">The keys, <see cref="MostKeys"/> at most.</param>
    /// <param name="takesNewHost">Whether a server with an unknown host key is asked.</param>
    /// <param name="cancellation">Ends it at once.</param>
    internal async Task<ProbeResult> AskAsync(SshDestination to, IReadOnlyList<SshPublicKey> keys, bool takesNewHost, CancellationToken cancellation)
    {
        using var folder = new PrivateFolder();

        // The client logs the agent's name of a key when it offers it: a name that no server can know.
        var nonce = Guid.NewGuid().ToString("N");
        string NameOf(int key) => FormattableString.Invariant($"{nonce}-{key}");
        var agent = new SshAgent(folder.Path, keys, NameOf);
        await using var _ = agent.ConfigureAwait(false);
        var (text, hasEnded) = await ssh.RunAsync(to, agent.Address, takesNewHost, folder.Path, cancellation).ConfigureAwait(false);
        var log = SshClientLog.Read(text, to.User, to.Host, offer => Enumerable.Range(0, keys.Count).Cast<int?>().FirstOrDefault(
            key => offer.StartsWith(NameOf(key!.Value) + " ", StringComparison.Ordinal) && offer.Split(' ').Contains(keys[key.Value].Fingerprint, StringComparer.Ordinal)));
        var answers = Enumerable.Range(0, keys.Count).Select(key =>
            agent.WasAskedToSign(key) ? new KeyAnswer(SshKeyTestStatus.Accepted, $"The server accepts the key for {to.User}: it asked for a signature.")
            : hasEnded && log.IsRefused(key) ? new KeyAnswer(SshKeyTestStatus.Refused, RefusedDetail)
            : new KeyAnswer(SshKeyTestStatus.Unknown, WhyUnknown(log, key, to, hasEnded))).ToList();
        return new ProbeResult(answers, log.HostKey, hasEnded && (log.HasNotConnected || IsStranger(log)));
    }

    /// <summary>Why the answer is unknown: a sentence that is the same for all servers with the same reason, and what the client said.</summary>
    private string WhyUnknown(SshClientLog log, int key, SshDestination to, bool hasEnded) =>
        log.IsHostKeyChanged ? Changed(log, to)
        : log.IsHostKeyRevoked ? "The server's own key (host key) is marked as revoked. No key was offered."
        : !log.WasOffered(key) && log.HostKey == SshHostKeyState.New && IsStranger(log) ? NewHostDetail
        : log.WasLetIn ? $"The server let {to.User} in without any key, so it is not known whether this key would be accepted."
        : log.HadTooManyKeys ? "The server ended the connection because of too many keys, before all were answered. Ask with fewer keys."
        : !hasEnded ? FormattableString.Invariant($"There was no answer within {ssh.Timeout.TotalSeconds:0} seconds.")
        : log.HasNotConnected ? $"There was no connection.{Said(log)}"
        : log.IsDenied && !log.TakesKeys ? "The server accepts no public keys from this user, so it does not say whether it would accept this one."
        : log.WasOffered(key) ? $"The key was offered, and the connection ended without a clear answer.{Said(log)}"
        : log.IsDenied ? "This machine's OpenSSH client did not offer the key: it does not use keys of this kind or size, or the server does not."
        : $"The connection ended before the key was offered.{Said(log)}";

    /// <summary>Whether the client ended the connection because of the server's host key.</summary>
    private static bool IsStranger(SshClientLog log) =>
        log.IsHostKeyChanged || log.IsHostKeyRevoked || (log.HostKey == SshHostKeyState.New && log.LastWords == "Host key verification failed.");

    private static string Said(SshClientLog log) => log.LastWords is { } words ? $" The client said: {ApiText.Clean(words)}" : string.Empty;

    private string Changed(SshClientLog log, SshDestination to)
    {
        var name = to.Port == 22 ? to.Host : $"[{to.Host}]:{to.Port.ToString(CultureInfo.InvariantCulture)}";
        var file = log.OffendingFile ?? ssh.KnownHosts;
        return $"The server's own key (host key) has changed: another machine may have this address, or the server was reinstalled. No key was offered. "
            + $"If this is expected, remove the old host key and ask again: ssh-keygen -R '{name}' -f '{ApiText.Clean(file)}'";
    }
}
