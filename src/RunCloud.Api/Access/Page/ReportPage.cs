using System.Text;

namespace RunCloud.Api;

/// <summary>
/// Builds a page that is one file and sends no request: its style and scripts are allowed by their digests, everything else is
/// forbidden, and the data is JSON that the script shows as text.
/// </summary>
internal static class ReportPage
{
    /// <summary>The beginning of every page of this module, by which a later run recognises a page that it may replace.</summary>
    internal const string Mark = "<meta name=\"generator\" content=\"RunCloud.PowerShell\">";

    /// <summary>The scripts of the audit page, in order.</summary>
    internal static readonly string[] Access = ["access-data.js", "access-views.js", "access-findings.js", "access.js"];

    /// <summary>The scripts of the evidence page, in order.</summary>
    internal static readonly string[] Revocation = ["revocation-parts.js", "revocation.js"];

    private static readonly string[] Shared = ["dom.js", "format.js", "table.js"];

    private static readonly string[] Styles = ["colors.css", "page.css", "parts.css", "tables.css", "narrow.css", "print.css"];

    /// <summary>Builds a page.</summary>
    /// <param name="scripts">The scripts that show the data, after those that both pages share.</param>
    /// <param name="title">The page's title.</param>
    /// <param name="json">The data, as JSON without any <c>&lt;</c>, <c>&gt;</c> and <c>&amp;</c>.</param>
    internal static byte[] ToBytes(IEnumerable<string> scripts, string title, byte[] json)
    {
        if (json.Any(value => value is (byte)'<' or (byte)'>' or (byte)'&'))
        {
            throw new ArgumentException("The data are not escaped.", nameof(json));
        }

        var style = string.Concat(Styles.Select(Resource));
        var script = Script(scripts);
        var policy = "default-src 'none'; "
            + $"style-src 'sha256-{Digest(style)}'; script-src 'sha256-{Digest(script)}'; base-uri 'none'; form-action 'none'";
        var page = Resource("page.html");
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["policy"] = policy,
            ["title"] = Escape(title),
            ["style"] = style,
            ["data"] = Encoding.UTF8.GetString(json),
            ["script"] = script,
        };
        return Encoding.UTF8.GetBytes(Fill(page, parts));
    }

    /// <summary>The script of a page: what both pages share, and then its own.</summary>
    /// <param name="scripts">The names of its own files, in their order.</param>
    internal static string Script(IEnumerable<string> scripts) => string.Concat(Shared.Concat(scripts).Select(Resource));

    /// <summary>Fills in each <c>{{name}}</c> of the page template, but none in the inserted text.</summary>
    private static string Fill(string page, Dictionary<string, string> parts)
    {
        var whole = new StringBuilder();
        var done = 0;
        while (page.IndexOf("{{", done, StringComparison.Ordinal) is >= 0 and var start)
        {
            var end = page.IndexOf("}}", start, StringComparison.Ordinal);
            _ = whole.Append(page, done, start - done).Append(parts[page[(start + 2)..end]]);
            done = end + 2;
        }

        return whole.Append(page, done, page.Length - done).ToString();
    }

    private static string Digest(string text) => Digests.Sha256Base64(Encoding.UTF8.GetBytes(text));

    private static string Escape(string text) =>
        new StringBuilder(text).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;").ToString();

    /// <summary>A source file of the page with LF line ends, to which a browser normalises before it computes the digest.</summary>
    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream($"Page.{name}") ?? throw new InvalidOperationException($"The page has no file '{name}'.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new StringBuilder(reader.ReadToEnd()).Replace("\r\n", "\n").ToString();
    }
}
