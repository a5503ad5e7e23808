using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>Converts a request body from the user to plain values, and plain values of an answer to PowerShell objects.</summary>
internal static class BodyArgument
{
    /// <summary>Deeper than any request of the API: an object nested deeper contains itself.</summary>
    private const int MaximumDepth = 20;

    /// <summary>The plain values of a body.</summary>
    /// <param name="given">A hashtable, an object, a list of them, or JSON text.</param>
    /// <exception cref="ArgumentException">The value cannot be sent as JSON. The message says why.</exception>
    internal static object? Plain(object given)
    {
        if (Base(given) is string text)
        {
            return RunCloudClient.ParseBody(text) ?? throw new ArgumentException("The text is not a JSON object or list.", nameof(given));
        }

        return Plain(given, depth: 0) is var plain and (AnyObject or IReadOnlyList<object?>) ? plain
            : throw new ArgumentException($"A {Base(given)?.GetType().Name ?? "null"} is not an object.", nameof(given));
    }

    /// <summary>A value of a query as text, with Booleans and numbers as in JSON.</summary>
    /// <param name="given">A text, a number, a Boolean or a time.</param>
    /// <exception cref="ArgumentException">The value is none of these. The message says why.</exception>
    internal static string Text(object? given) => Plain(given, depth: 0) switch
    {
        null => string.Empty,
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException("A list or an object is not a single value.", nameof(given)),
    };

    /// <summary>A PowerShell object for a plain value. Text is made safe for a terminal; line breaks and tabs stay.</summary>
    internal static object? Shown(object? plain) => plain switch
    {
        AnyObject properties => Shown(properties),
        IReadOnlyList<object?> items => items.Select(Shown).ToArray(),
        string text => string.Join("\n", text.Split('\n').Select(line => string.Join("\t", line.TrimEnd('\r').Split('\t').Select(part => ApiText.Visible(part, static _ => "\uFFFD"))))),
        _ => plain,
    };

    private static PSObject Shown(AnyObject properties)
    {
        var shown = new PSObject();
        foreach (var (name, value) in properties.Select(property => (property.Key, property.Value)))
        {
            // PowerShell's property names must differ in more than case and cannot be empty. A number is added where they would collide.
            var clean = name.Length == 0 ? "_" : ApiText.Visible(name, static _ => "\uFFFD");
            var free = clean;
            for (var number = 2; shown.Properties[free] is not null; number++)
            {
                free = FormattableString.Invariant($"{clean}_{number}");
            }

            shown.Properties.Add(new PSNoteProperty(free, Shown(value)));
        }

        return shown;
    }

    private static object? Base(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static object? Plain(object? value, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw new ArgumentException($"It is nested more than {MaximumDepth} levels deep.", nameof(value));
        }

        var plain = Base(value);
        switch (plain)
        {
            case null:
                return null;
            case SecureString or PSCredential:
                throw new ArgumentException("A SecureString or a credential cannot be sent as JSON. Give the value as text.", nameof(value));
            case double number when double.IsNaN(number) || double.IsInfinity(number):
                throw new ArgumentException("JSON has no NaN and no infinity.", nameof(value));
            case string or bool or decimal or double:
                return plain;
            case SwitchParameter flag:
                return flag.IsPresent;
            case float single:
                return Plain((double)single, depth);
            case sbyte or byte or short or ushort or int or uint or long:
                return Convert.ToInt64(plain, CultureInfo.InvariantCulture);
            case ulong large:
                return (decimal)large;
            case DateTimeOffset time:
                return Plain(time.UtcDateTime, depth);
            case DateTime time:
                return time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture);
            case char or Guid or Uri or Enum or Version:
                return Convert.ToString(plain, CultureInfo.InvariantCulture);
            case IDictionary table:
                return Object(table.Cast<DictionaryEntry>().Select(entry => (Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty, (object?)entry.Value)), depth);
            case IEnumerable items:
                return items.Cast<object?>().Select(item => Plain(item, depth + 1)).ToList();
            case PSObject custom:
                return Object(custom.Properties.Where(property => property is PSNoteProperty).Select(property => (property.Name, (object?)property.Value)), depth);
            default:
                throw new ArgumentException($"A {plain.GetType().Name} is not a hashtable, a PSCustomObject, a list or a plain value.", nameof(value));
        }
    }

    private static AnyObject Object(IEnumerable<(string Name, object? Value)> properties, int depth)
    {
        var plain = new AnyObject();
        foreach (var (name, value) in properties)
        {
            if (plain.Exists(other => other.Key == name))
            {
                throw new ArgumentException($"Two properties are named '{name}'.", nameof(properties));
            }

            plain.Add(new KeyValuePair<string, object?>(name, Plain(value, depth + 1)));
        }

        return plain;
    }
}
