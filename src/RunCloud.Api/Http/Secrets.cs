using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace RunCloud.Api;

/// <summary>
/// The secrets that must not be shown: the token, a proxy's password and the user info of its address, in every encoding in which they may come
/// back. They are assembled when text is cleaned, and not kept.
/// </summary>
/// <param name="token">The token.</param>
/// <param name="options">The options with the proxy, if there is one.</param>
/// <param name="variable">The value of an environment variable; those of the process by default.</param>
internal sealed class Secrets(ApiToken token, RunCloudClientOptions options, Func<string, string?>? variable = null)
{
    /// <summary>A shorter text would occur in ordinary words, and is not a real secret.</summary>
    private const int ShortestSecret = 4;

    /// <summary>Where .NET looks for the system's proxy outside Windows. Each may contain a password.</summary>
    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

    /// <summary>The text without any of them.</summary>
    internal string Hide(string text)
    {
        // Without regard to case: a host name, for example, comes back in lower case.
        var pattern = string.Join("|", All().SelectMany(Spellings).Where(spelling => spelling.Length >= ShortestSecret).Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(spelling => spelling.Length).Select(Regex.Escape));

        // An empty pattern would match between all characters.
        return pattern.Length == 0 ? text : Regex.Replace(text, pattern, "***", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }

    /// <summary>Whether the text contains any of them.</summary>
    internal bool AppearIn(string text) => !string.Equals(Hide(text), text, StringComparison.Ordinal);

    private IEnumerable<string> All()
    {
        yield return token.Reveal();
        if (options.ProxyCredential is { } credential)
        {
            yield return credential.Password;
            yield return $"{credential.UserName}:{credential.Password}";
        }

        var addresses = ProxyVariables.Select(variable ?? Environment.GetEnvironmentVariable).Append(options.Proxy?.OriginalString);
        foreach (var info in addresses.Select(UserInfo).OfType<string>())
        {
            yield return info;
            yield return Uri.UnescapeDataString(info);
            if (info.Split([':'], 2) is [_, var password])
            {
                yield return password;
                yield return Uri.UnescapeDataString(password);
            }
        }
    }

    /// <summary>The user info of an address, with or without a scheme in front; <see langword="null"/> if there is none.</summary>
    private static string? UserInfo(string? address)
    {
        var end = address?.LastIndexOf('@') ?? -1;
        if (end <= 0)
        {
            return null;
        }

        var scheme = address!.IndexOf("://", StringComparison.Ordinal);
        var start = scheme >= 0 && scheme < end ? scheme + 3 : 0;
        return end > start ? address.Substring(start, end - start) : null;
    }

    private static IEnumerable<string> Spellings(string secret)
    {
        if (secret.Length < ShortestSecret)
        {
            yield break;
        }

        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return WebUtility.UrlEncode(secret)!;
        yield return WebUtility.HtmlEncode(secret)!;
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return Convert.ToBase64String(bytes);
        for (var before = 0; before < 3; before++)
        {
            // The base64 forms of a text that contains the secret: the characters that depend on the secret only, for each alignment.
            var base64 = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var first = ((before * 8) + 5) / 6;
            var core = base64.Substring(first, ((before + bytes.Length) * 8 / 6) - first);
            yield return core;
            yield return core.Replace('+', '-').Replace('/', '_');
        }
    }
}
