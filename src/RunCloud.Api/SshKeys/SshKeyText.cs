using System.Globalization;

namespace RunCloud.Api;

/// <summary>Recognises what people pass by mistake instead of a public key, and says what to do about it.</summary>
internal static class SshKeyText
{
    // An OpenSSH private key's base64 begins with this, even without its header.
    private const string OpenSshPrivateKeyStart = "b3BlbnNzaC1rZXktdjE";

    /// <summary>Explains why a text is not a public key.</summary>
    /// <param name="text">The text. No part of it goes into the message.</param>
    /// <param name="problem">What the parser found.</param>
    public static SshKeyFormatException Explain(ReadOnlySpan<char> text, string problem) => Recognise(text) ?? new(problem);

    /// <summary>Recognises keys in other forms than OpenSSH's public key line.</summary>
    /// <returns>The exception to throw, or null if the text looks like none of them.</returns>
    public static SshKeyFormatException? Recognise(ReadOnlySpan<char> text)
    {
        // A key is recognised by its beginning. The limit keeps the search short for huge text.
        text = ApiText.Trim(text.Length > SshKeyLine.MaximumLength ? text[..SshKeyLine.MaximumLength] : text);

        if (Has(text, "PuTTY-User-Key-File"))
        {
            return new(
                "This is a PuTTY private key file, and it must stay secret: pass its public key instead. PuTTYgen shows it as "
                + "\"Public key for pasting into OpenSSH authorized_keys file\"; 'puttygen <file> -O public-openssh' prints it.",
                isPrivateKey: true);
        }

        if (Has(text, "PRIVATE KEY") || text.StartsWith(OpenSshPrivateKeyStart.AsSpan(), StringComparison.Ordinal))
        {
            return new(
                "This is a private key, and it must stay secret: pass its public key instead, which is the file beside it that ends "
                + "in .pub, or what 'ssh-keygen -y -f <file>' prints.",
                isPrivateKey: true);
        }

        var (form, format) =
            !text.StartsWith("--".AsSpan(), StringComparison.Ordinal) ? (null, null)
            : Has(text, "BEGIN RSA PUBLIC KEY") ? ("a PEM (PKCS #1)", "PEM")
            : Has(text, "BEGIN PUBLIC KEY") ? ("a PEM (PKCS #8)", "PKCS8")
            : (null, null);
        return form is null ? null : new(
            $"This is a public key in {form} file, not an OpenSSH public key line: 'ssh-keygen -i -m {format} -f <file>' converts it.",
            isPrivateKey: false);
    }

    /// <summary>A sentence about the position of the first invisible character that spoils a line; empty if there is none.</summary>
    public static string Invisible(string line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            var isUnseen = char.GetUnicodeCategory(line[i]) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator;
            if (isUnseen && line[i] is not (' ' or '\t' or '\r' or '\n'))
            {
                return FormattableString.Invariant(
                    $" There is an invisible character in it (U+{(int)line[i]:X4}, character {i + 1} of the line): copy the key again from its source.");
            }
        }

        return string.Empty;
    }

    private static bool Has(ReadOnlySpan<char> text, string part) => text.IndexOf(part.AsSpan(), StringComparison.OrdinalIgnoreCase) >= 0;
}
