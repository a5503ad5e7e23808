using System.Text;
using System.Text.Json;

namespace RunCloud.Simulator;

/// <summary>An answer before it is sent: a fault may still change it, send part of it, or keep it back.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body; empty for none.</param>
public sealed record Answer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Gets the content type; <see langword="null"/> for none.</summary>
    public string? ContentType { get; init; } = "application/json";

    /// <summary>Gets the headers besides those of the body, in the order in which they are sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Gets a value indicating whether this answer is never sent: the connection stays open until somebody gives up.</summary>
    public bool Never { get; init; }

    /// <summary>Makes an answer of text.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">Its type.</param>
    /// <returns>The answer.</returns>
    public static Answer Text(int status, string body, string contentType = "application/json") =>
        new(status, Encoding.UTF8.GetBytes(body)) { ContentType = contentType };

    /// <summary>Makes an answer whose body is <c>{"message": …}</c>.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="message">The message.</param>
    /// <returns>The answer.</returns>
    public static Answer Message(int status, string message) =>
        Text(status, "{\"message\":" + JsonSerializer.Serialize(message) + "}");

    /// <summary>Makes a redirect with a page for a body, as web frameworks do.</summary>
    /// <param name="status">The status code, 301 to 308.</param>
    /// <param name="location">Where to: absolute, or a path.</param>
    /// <returns>The answer.</returns>
    public static Answer Redirect(int status, string location) =>
        Page(status, "Redirecting").With("Location", location);

    /// <summary>Makes a web page, as a proxy sends it.</summary>
    /// <param name="status">The status code.</param>
    /// <param name="title">Its title.</param>
    /// <returns>The answer.</returns>
    public static Answer Page(int status, string title) =>
        Text(status, $"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n", "text/html; charset=UTF-8");

    /// <summary>Adds a header.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>The answer with it.</returns>
    public Answer With(string name, string value) => this with { Headers = [.. Headers, new(name, value)] };
}
