using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace RunCloud.Api;

/// <summary>
/// Puts a page together that is one file and asks nobody for anything: the style and the script are allowed by their digests, all else is
/// forbidden, and the data are JSON that the script shows as text.
/// </summary>
internal static class ReportPage
{
    /// <summary>How every page of this module begins, so that a later run may replace it.</summary>
    internal const string Mark = "<meta name=\"generator\" content=\"RunCloud.PowerShell\">";

    /// <summary>The scripts of the page of an audit, in their order.</summary>
    internal static readonly string[] Access = ["access-data.js", "access-views.js", "access-findings.js", "access.js"];

    /// <summary>The scripts of the evidence page, in their order.</summary>
    internal static readonly string[] Revocation = ["revocation-parts.js", "revocation.js"];

    private static readonly string[] Shared = ["dom.js", "format.js", "table.js"];

    private static readonly string[] Styles = ["colors.css", "page.css", "parts.css", "tables.css", "narrow.css", "print.css"];

    /// <summary>The page with some data.</summary>
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

    /// <summary>The text in which each <c>{{name}}</c> of the page itself, and none of what takes its place, is filled in.</summary>
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

    /// <summary>A file of the page, with the line ends that a browser makes of all others before it takes the digest.</summary>
    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream($"Page.{name}") ?? throw new InvalidOperationException($"The page has no file '{name}'.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return new StringBuilder(reader.ReadToEnd()).Replace("\r\n", "\n").ToString();
    }
}
