using System.Text;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>Keeps what is written, and tells when a text has been.</summary>
internal sealed class WatchedWriter : TextWriter
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>What is called with the whole text after each piece of it.</summary>
    public Action<string>? Seen { get; set; }

    /// <summary>What was written.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_lock)
        {
            _ = _text.Append(buffer);
        }

        Seen?.Invoke(Text);
    }

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + Environment.NewLine);

    /// <summary>Ends when the text is as wanted.</summary>
    /// <param name="isWanted">Whether a text is.</param>
    public Task WhenWritten(Func<string, bool> isWanted)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Seen = text =>
        {
            if (isWanted(text))
            {
                _ = written.TrySetResult();
            }
        };
        Seen(Text);
        return written.Task;
    }
}
