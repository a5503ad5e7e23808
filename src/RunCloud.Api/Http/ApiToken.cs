using System.Net;
using System.Security;

namespace RunCloud.Api;

/// <summary>The API token. It is kept encrypted where the platform supports that, never shown, and revealed only for a header.</summary>
internal sealed class ApiToken : IDisposable
{
    private readonly SecureString _secret;

    /// <param name="secret">The token. It is copied without surrounding blanks and line ends.</param>
    /// <exception cref="RunCloudException"><see cref="RunCloudError.InvalidToken"/>: it is empty, or cannot be sent in a header.</exception>
    internal ApiToken(SecureString secret)
    {
        var given = new NetworkCredential(string.Empty, secret).Password;
        var text = given.Trim();
        _secret = text.Length == given.Length ? secret.Copy() : new NetworkCredential(string.Empty, text).SecurePassword;
        _secret.MakeReadOnly();
        if (text.Length == 0)
        {
            throw new RunCloudException(RunCloudError.InvalidToken, "The API token is empty.");
        }

        if (text.Any(c => c is <= ' ' or > '~'))
        {
            throw new RunCloudException(RunCloudError.InvalidToken, "The API token contains white space or other characters that are not allowed in a token.");
        }
    }

    /// <summary>The token in clear text.</summary>
    internal string Reveal() => new NetworkCredential(string.Empty, _secret).Password;

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();

    /// <summary>Never the token.</summary>
    /// <returns>A placeholder.</returns>
    public override string ToString() => "(API token)";
}
