using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Resolves arguments to keys. Every failure names the parameter, and never contains text that was given.</summary>
internal static class KeyArguments
{
    /// <summary>The keys that the arguments select, each once.</summary>
    /// <param name="session">What paths are resolved in.</param>
    /// <param name="keys">The arguments.</param>
    /// <param name="parameter">The name of the parameter that they were given to.</param>
    /// <param name="takesSeveral">Whether a file may contain several different keys. If so, all of them are selected.</param>
    /// <exception cref="SshKeyFormatException">An argument is not a key, or a file contains several keys where one is expected.</exception>
    internal static IReadOnlyList<SshKeySelector> Resolve(SessionState session, IEnumerable<KeyArgument> keys, string parameter, bool takesSeveral)
    {
        var selectors = new List<SshKeySelector>();
        foreach (var key in keys)
        {
            if (key.Credential is { } credential)
            {
                selectors.Add(SshKeySelector.For(credential.Key
                    ?? throw new SshKeyFormatException($"The public key of {credential} cannot be read as a key, so it cannot be searched for.") { Parameter = parameter }));
                continue;
            }

            var (entries, source) = Read(session, key, parameter);
            selectors.AddRange((takesSeveral ? entries : [One(entries, source, parameter)]).Select(entry => entry.Selector));
        }

        return selectors;
    }

    /// <summary>A list of keys that an admin maintains, usually in files of many lines; <see langword="null"/> if none was given.</summary>
    /// <param name="session">What paths are resolved in.</param>
    /// <param name="keys">The arguments.</param>
    /// <param name="parameter">The name of the parameter that they were given to.</param>
    /// <param name="takesMd5">Whether MD5 fingerprints are accepted. An allow-list must not accept them, because they can be forged.</param>
    /// <exception cref="SshKeyFormatException">A line is not a key. The message gives its number.</exception>
    internal static KeyList? ResolveList(SessionState session, IReadOnlyCollection<KeyArgument> keys, string parameter, bool takesMd5)
    {
        if (keys.Count == 0)
        {
            return null;
        }

        var selectors = new List<SshKeySelector>();
        foreach (var key in keys)
        {
            if (key.Credential is not null)
            {
                selectors.AddRange(Resolve(session, [key], parameter, takesSeveral: true));
                continue;
            }

            var (entries, source) = Read(session, key, parameter, KeyFile.MaximumListSize);
            selectors.AddRange(entries.Select(entry => takesMd5 || !entry.Selector.IsMd5 ? entry.Selector
                : throw new SshKeyFormatException(FormattableString.Invariant(
                    $"Line {entry.LineNumber} of the {source} is an MD5 fingerprint, and -{parameter} does not accept it: another key with the same MD5 fingerprint can be forged. Give the public key or its SHA256 fingerprint."))
                { Parameter = parameter }));
        }

        return new KeyList(selectors);
    }

    /// <summary>A public key line, given as text or as a file.</summary>
    /// <exception cref="SshKeyFormatException">It is neither.</exception>
    internal static string ResolveLine(SessionState session, KeyArgument key, string parameter)
    {
        if (key.Credential is { } credential)
        {
            return credential.PublicKey is { } line && credential.Key is not null ? line
                : throw new SshKeyFormatException($"The public key of {credential} cannot be read as a key.") { Parameter = parameter };
        }

        var (entries, source) = Read(session, key, parameter);
        return One(entries, source, parameter).Line ?? throw new SshKeyFormatException("This is a fingerprint, but the whole public key is needed.") { Parameter = parameter };
    }

    /// <summary>A public key line with which a user can log in.</summary>
    /// <exception cref="SshKeyFormatException">It is not such a line. A certificate or a certificate authority's key would lock the user out.</exception>
    internal static string ResolveLoginKey(SessionState session, KeyArgument key, string parameter)
    {
        var line = ResolveLine(session, key, parameter);
        var read = SshPublicKey.Parse(line);
        return read.IsCertificate
            ? throw new SshKeyFormatException(
                "This is a certificate, not a key: as a line in authorized_keys it lets nobody in, and the user would be locked out. "
                + "Give the plain public key, which is the .pub file without -cert in its name.")
            { Parameter = parameter }
            : read.IsCertificateAuthority
            ? throw new SshKeyFormatException(
                "This line has the option cert-authority: it accepts certificates, but the key itself lets nobody in, and the user would be locked out. "
                + "Give the line without that option.")
            { Parameter = parameter }
            : line;
    }

    private static SshKeyEntry One(IReadOnlyList<SshKeyEntry> entries, string source, string parameter)
    {
        var different = SshKeyDocument.Different(entries);
        return different.Count == 1 ? different[0]
            : throw new SshKeyFormatException(SshKeyDocument.Several(different, source).Message) { HasSeveralKeys = true, Parameter = parameter };
    }

    /// <summary>The keys of an argument, and a name for their source.</summary>
    private static (IReadOnlyList<SshKeyEntry> Entries, string Source) Read(SessionState session, KeyArgument key, string parameter, int maximumSize = SshKeyLine.MaximumLength)
    {
        if (key.File is { } given)
        {
            return (KeyFile.Read(session, given.FullName, parameter, maximumSize), KeyFile.Name(given.FullName));
        }

        try
        {
            return (SshKeyDocument.ReadText(key.Text), "text");
        }
        catch (SshKeyFormatException e) when (!e.IsPrivateKey)
        {
            return KeyFile.Find(session, key.Text, parameter) is { } file
                ? (KeyFile.Read(session, file, parameter, maximumSize), KeyFile.Name(file))
                : throw new SshKeyFormatException($"{e.Message} There is no file of that name either.", e) { Parameter = parameter };
        }
        catch (SshKeyFormatException e)
        {
            throw new SshKeyFormatException(e.Message, e.IsPrivateKey, e) { Parameter = parameter };
        }
    }
}
