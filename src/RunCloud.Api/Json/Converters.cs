using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>Reads a boolean that may come as 0 or 1. Anything else is null.</summary>
internal sealed class LenientBoolean : JsonConverter<bool?>
{
    /// <inheritdoc/>
    public override bool? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var number) && number is 0 or 1 ? number == 1 : null;
            case JsonTokenType.String:
                var text = JsonText.Read(ref reader);
                return text is "1" || bool.TryParse(text, out var value) && value ? true
                    : text is "0" || bool.TryParse(text, out _) ? false
                    : null;
            default:
                reader.Skip();
                return null;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, bool? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Reads a whole number that may come as text. Anything else is null.</summary>
internal sealed class LenientId : JsonConverter<long?>
{
    /// <inheritdoc/>
    public override long? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var number) ? number : null;
            case JsonTokenType.String:
                return long.TryParse(JsonText.Read(ref reader), NumberStyles.None, CultureInfo.InvariantCulture, out number) ? number : null;
            default:
                reader.Skip();
                return null;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, long? value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Reads text that may come as a number or a boolean. An object or a list is null.</summary>
internal sealed class LenientText : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return JsonText.ReadAny(ref reader);
            default:
                reader.Skip();
                return null;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>A time as the API gave it.</summary>
/// <param name="Value">The time; <see langword="null"/> if there is none.</param>
/// <param name="IsUnreadable">Whether something was given that is not a time.</param>
internal readonly record struct WireTime(DateTimeOffset? Value, bool IsUnreadable = false)
{
    internal static WireTime Unreadable { get; } = new(Value: null, IsUnreadable: true);
}

/// <summary>Reads a time. Times without a zone are UTC (inferred from matching samples), logs use ISO 8601, and a number is a Unix time.</summary>
internal sealed class LenientTime : JsonConverter<WireTime>
{
    /// <summary>The format of all samples. It is tried first because that is faster.</summary>
    private const string UsualFormat = "yyyy-MM-dd HH:mm:ss";

    private const DateTimeStyles AsUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    /// <summary>Smaller numbers are not a time in the last decades, and so not a Unix time.</summary>
    private const long EarliestUnixTime = 1_000_000_000;

    /// <summary>The year 2200. Larger numbers are milliseconds.</summary>
    private const long LatestUnixTime = 7_258_118_400;

    /// <inheritdoc/>
    public override WireTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return default;
            case JsonTokenType.Number:
                return reader.TryGetDouble(out var number) ? FromUnix(number) : WireTime.Unreadable;
            case JsonTokenType.String:
                var text = JsonText.Read(ref reader);
                return DateTimeOffset.TryParseExact(text, UsualFormat, CultureInfo.InvariantCulture, AsUtc, out var time)
                    || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, AsUtc, out time) ? new WireTime(time)
                    : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) ? FromUnix(number)
                    : WireTime.Unreadable;
            default:
                reader.Skip();
                return WireTime.Unreadable;
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, WireTime value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static WireTime FromUnix(double number) =>
        number is >= EarliestUnixTime and <= LatestUnixTime ? new WireTime(DateTimeOffset.FromUnixTimeMilliseconds((long)(number * 1000)))
        : number is >= EarliestUnixTime * 1000D and <= LatestUnixTime * 1000D ? new WireTime(DateTimeOffset.FromUnixTimeMilliseconds((long)number))
        : WireTime.Unreadable;
}

/// <summary>Reads tags, whose format is not documented: an object becomes its <c>name</c>, anything else except text its JSON. Anything but a list means no tags.</summary>
internal sealed class LenientTags : JsonConverter<IReadOnlyList<string>>
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var tags = new List<string>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return tags;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var again = reader;
            tags.Add(Name(ref again) ?? JsonText.ReadAny(ref reader));
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                reader.Skip();
            }
        }

        return tags;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static string? Name(ref Utf8JsonReader reader)
    {
        while (reader.TokenType != JsonTokenType.EndObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            _ = reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                return JsonText.Read(ref reader);
            }

            reader.Skip();
        }

        return null;
    }
}

/// <summary>Reads the <c>errors</c> of a refused request: one or several errors for each field. Anything but an object means no errors.</summary>
internal sealed class FieldErrors : JsonConverter<IReadOnlyDictionary<string, IReadOnlyList<string>>>
{
    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, IReadOnlyList<string>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var fields = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return fields;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.Read(ref reader);
            var errors = new List<string>();
            _ = reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    errors.Add(JsonText.ReadAny(ref reader));
                }
            }
            else
            {
                errors.Add(JsonText.ReadAny(ref reader));
            }

            fields[name] = errors;
        }

        return fields;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<string>> value, JsonSerializerOptions options) =>
        throw new NotSupportedException();
}

/// <summary>Reads a list that is documented as a bare array but may be wrapped like other lists.</summary>
internal sealed class SshSessions : JsonConverter<SshSessionsRow>
{
    /// <inheritdoc/>
    public override SshSessionsRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new()
    {
        List = reader.TokenType == JsonTokenType.StartArray
            ? new ListRow<SshSessionRow> { Data = JsonSerializer.Deserialize(ref reader, WireJson.Default.ListSshSessionRow) }
            : JsonSerializer.Deserialize(ref reader, WireJson.Default.ListRowSshSessionRow),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SshSessionsRow value, JsonSerializerOptions options) => throw new NotSupportedException();
}
