using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RunCloud.Api;

/// <summary>A JSON object of any shape: its properties in the order of the answer.</summary>
internal sealed class AnyObject : List<KeyValuePair<string, object?>>;

/// <summary>An answer, or a row of a list, of any shape.</summary>
internal sealed class AnyRow : IRow
{
    /// <summary>
    /// The value: <see cref="AnyObject"/>, a list of values, text, <see langword="long"/>, <see langword="decimal"/>, <see langword="double"/>,
    /// <see langword="bool"/> or <see langword="null"/>.
    /// </summary>
    internal object? Value { get; init; }

    /// <summary>The JSON.</summary>
    public string? Content { get; init; }

    /// <summary>The row's <c>id</c>. A row without one is identified by its content.</summary>
    public long? Id
    {
        get
        {
            var id = (Value as AnyObject)?.Find(property => property.Key == "id").Value;
            return id is long number && number > 0 ? number
                : id is string text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0 ? number
                : Hash(Content ?? string.Empty);
        }
    }

    private static long Hash(string content)
    {
#if NET
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(content));
#else
        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(content));
#endif

        // Far outside the range of real ids.
        return (BitConverter.ToInt64(hash, 0) | 0x4000_0000_0000_0000) & long.MaxValue;
    }
}

/// <summary>Reads any JSON.</summary>
internal sealed class AnyJson : JsonConverter<AnyRow>
{
    /// <inheritdoc/>
    public override AnyRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var again = reader;
        return new AnyRow { Value = Read(ref reader), Content = JsonText.ReadAny(ref again) };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, AnyRow value, JsonSerializerOptions options) => throw new NotSupportedException();

    /// <summary>Writes a value as JSON.</summary>
    /// <exception cref="ArgumentException">A value has no JSON form.</exception>
    internal static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        AnyObject properties => new JsonObject(Nodes(properties)),
        IReadOnlyList<object?> items => new JsonArray([.. Nodes(items)]),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        long number => JsonValue.Create(number),
        decimal number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        _ => throw new ArgumentException($"There is no JSON for {value.GetType()}.", nameof(value)),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Nodes(AnyObject properties)
    {
        foreach (var property in properties)
        {
            yield return new KeyValuePair<string, JsonNode?>(property.Key, ToNode(property.Value));
        }
    }

    private static IEnumerable<JsonNode?> Nodes(IReadOnlyList<object?> items)
    {
        foreach (var item in items)
        {
            yield return ToNode(item);
        }
    }

    private static object? Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var properties = new AnyObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = JsonText.Read(ref reader);
                    _ = reader.Read();
                    properties.Add(new KeyValuePair<string, object?>(name, Read(ref reader)));
                }

                return properties;
            case JsonTokenType.StartArray:
                var items = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader));
                }

                return items;
            case JsonTokenType.String:
                return JsonText.Read(ref reader);
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var whole) ? whole : reader.TryGetDecimal(out var number) ? number : reader.GetDouble();
            case JsonTokenType.True or JsonTokenType.False:
                return reader.TokenType == JsonTokenType.True;
            default:
                return null;
        }
    }
}
