using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>The keys that arguments mean. Every failure tells the parameter, and never holds a text that was given.</summary>
internal static class KeyArguments
{
    /// <summary>What the arguments select, each key once.</summary>
    /// <param name="session">What paths are resolved in.</param>
    /// <param name="keys">The arguments.</param>
    /// <param name="parameter">The name of the parameter that they were given to.</param>
    /// <param name="takesSeveral">Whether a file may hold several different keys, all of which are meant then.</param>
    /// <exception cref="SshKeyFormatException">One means no key, or a file means several where one is wanted.</exception>
    internal static IReadOnlyList<SshKeySelector> Resolve(SessionState session, IEnumerable<KeyArgument> keys, string parameter, bool takesSeveral)
    {
        var selectors = new List<SshKeySelector>();
        foreach (var key in keys)
        {
            if (key.Credential is { } credential)
            {
                selectors.Add(SshKeySelector.For(credential.Key
                    ?? throw new SshKeyFormatException($"The public key of {credential} cannot be read as a key, so it cannot be looked for.") { Parameter = parameter }));
                continue;
            }

            var (entries, source) = Read(session, key, parameter);
            selectors.AddRange((takesSeveral ? entries : [One(entries, source, parameter)]).Select(entry => entry.Selector));
        }

        return selectors;
    }

    /// <summary>A list of keys that somebody keeps, in files of many lines above all; <see langword="null"/> where none was given.</summary>
    /// <param name="session">What paths are resolved in.</param>
    /// <param name="keys">The arguments.</param>
    /// <param name="parameter">The name of the parameter that they were given to.</param>
    /// <param name="takesMd5">Whether an MD5 fingerprint will do: other keys with the same one can be made, so it allows nothing.</param>
    /// <exception cref="SshKeyFormatException">One line is no key. The message tells its number.</exception>
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
                    $"Line {entry.LineNumber} of the {source} is an MD5 fingerprint, and -{parameter} takes none: another key with the same one can be made on purpose. Give the public key or its SHA256 fingerprint."))
                { Parameter = parameter }));
        }

        return new KeyList(selectors);
    }

    /// <summary>The line of a public key that is given as such or as a file.</summary>
    /// <exception cref="SshKeyFormatException">It is neither.</exception>
    internal static string ResolveLine(SessionState session, KeyArgument key, string parameter)
    {
        if (key.Credential is { } credential)
        {
            return credential.PublicKey is { } line && credential.Key is not null ? line
                : throw new SshKeyFormatException($"The public key of {credential} cannot be read as a key.") { Parameter = parameter };
        }

        var (entries, source) = Read(session, key, parameter);
        return One(entries, source, parameter).Line ?? throw new SshKeyFormatException("This is a fingerprint, and the whole public key is wanted.") { Parameter = parameter };
    }

    /// <summary>The line of a public key with which a user logs in.</summary>
    /// <exception cref="SshKeyFormatException">It is none: also a certificate and the key of an authority, with which the user would be locked out.</exception>
    internal static string ResolveLoginKey(SessionState session, KeyArgument key, string parameter)
    {
        var line = ResolveLine(session, key, parameter);
        var read = SshPublicKey.Parse(line);
        return read.IsCertificate
            ? throw new SshKeyFormatException(
                "This is a certificate, and no key: as a line in authorized_keys it lets nobody in, and the user would be locked out. "
                + "Give the plain public key, which is the .pub file without -cert in its name.")
            { Parameter = parameter }
            : read.IsCertificateAuthority
            ? throw new SshKeyFormatException(
                "This line has the option cert-authority: it accepts certificates, the key itself lets nobody in, and the user would be locked out. "
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

    /// <summary>The keys of an argument, and what to call the place that they are from.</summary>
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
                : throw new SshKeyFormatException($"{e.Message} Nor is there a file of that name.", e) { Parameter = parameter };
        }
        catch (SshKeyFormatException e)
        {
            throw new SshKeyFormatException(e.Message, e.IsPrivateKey, e) { Parameter = parameter };
        }
    }
}
