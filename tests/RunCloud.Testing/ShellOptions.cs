using System.Globalization;

namespace RunCloud.Testing;

/// <summary>How a <see cref="Shell"/> is set up.</summary>
public sealed record ShellOptions
{
    /// <summary>How questions are met.</summary>
    public ShellMode Mode { get; init; } = ShellMode.Scripted;

    /// <summary>The answers to the first questions, in order; more can be queued later.</summary>
    public IReadOnlyList<ShellAnswer> Answers { get; init; } = [];

    /// <summary>The width of the screen in columns.</summary>
    public int BufferWidth { get; init; } = 120;

    /// <summary>Whether the screen understands colours. Off, the views are plain text.</summary>
    public bool Colour { get; init; }

    /// <summary>Where the screen's text also goes, as it comes; <see langword="null"/> for nowhere.</summary>
    public TextWriter? Echo { get; init; }

    /// <summary>Where the text of errors goes instead, as it comes; <see langword="null"/> for where <see cref="Echo"/> goes.</summary>
    public TextWriter? ErrorEcho { get; init; }

    /// <summary>The user's culture; the language of help and messages is always en-US.</summary>
    public CultureInfo Culture { get; init; } = CultureInfo.GetCultureInfo("en-US");

    /// <summary>The manifest to import when the shell opens; <see langword="null"/> for a bare engine.</summary>
    public string? Module { get; init; } = StagedModule.Manifest;
}
