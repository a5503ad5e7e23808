using System.Collections;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>
/// What a row contains besides its server: users, keys, and when they were removed. It is the same for an object of the module and for one
/// that was read from JSON, CSV or clixml.
/// </summary>
internal sealed class TestRow
{
    private static readonly string[] Untouched = ["Clean", "Kept", "Planned"];

    private TestRow(PSObject? row)
    {
        var removals = row is null ? [] : Items(row, "Removals").ToList();
        IsAccount = row?.Properties["Removals"] is not null && row.Properties["Status"] is not null;
        IsUntouched = IsAccount && removals.Count == 0 && Untouched.Contains(Text(row!, "Status"), StringComparer.OrdinalIgnoreCase);
        foreach (var part in row is null || row.BaseObject is Server ? [] : removals.Prepend(row))
        {
            if (Text(part, "User") is { Length: > 0 } user)
            {
                Users.Add(user);
            }

            AddKey(Text(part, "PublicKey"));
            AddTime(Value(part, "VerifiedAt"));
        }

        foreach (var key in row is null || !IsAccount ? [] : Items(row, "Keys"))
        {
            AddKey(key.BaseObject as string);
        }
    }

    /// <summary>Whether it is the result row of a server.</summary>
    internal bool IsAccount { get; }

    /// <summary>Whether it is the result row of a server on which nothing was done.</summary>
    internal bool IsUntouched { get; }

    /// <summary>The users that it names; empty if it names none.</summary>
    internal List<string> Users { get; } = [];

    /// <summary>The keys that it contains.</summary>
    internal List<SshPublicKey> Keys { get; } = [];

    /// <summary>The fingerprints of keys that it does not contain whole.</summary>
    internal List<string> Fingerprints { get; } = [];

    /// <summary>When its removals were last confirmed; <see langword="null"/> if it does not say.</summary>
    internal DateTimeOffset? RemovedAt { get; private set; }

    /// <summary>Reads a row. Missing values are left out.</summary>
    internal static TestRow Of(ServerArgument argument) => new(argument.Given is string ? null : argument.Row);

    private void AddKey(string? text)
    {
        if (SshPublicKey.TryParse(text, out var key))
        {
            Keys.Add(key);
        }
        else if (text?.StartsWith("SHA256:", StringComparison.Ordinal) == true)
        {
            Fingerprints.Add(text);
        }
    }

    private void AddTime(object? value)
    {
        var time = value switch
        {
            DateTimeOffset at => at,
            DateTime at => new DateTimeOffset(at.ToUniversalTime()),
            string text when DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) => at,
            _ => default(DateTimeOffset?),
        };
        RemovedAt = time is null || time < RemovedAt ? RemovedAt : time;
    }

    private static string? Text(PSObject row, string name) => Value(row, name) as string;

    private static IEnumerable<PSObject> Items(PSObject row, string name) => Value(row, name) switch
    {
        null => [],
        string text => [PSObject.AsPSObject(text)],
        IEnumerable items => items.Cast<object?>().Where(item => item is not null).Select(item => PSObject.AsPSObject(item!)),
        var item => [PSObject.AsPSObject(item)],
    };

    private static object? Value(PSObject row, string name)
    {
        try
        {
            var value = row.Properties[name]?.Value;
            return value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        }
        catch (ExtendedTypeSystemException)
        {
            return null;
        }
    }
}
