using System.Management.Automation.Host;

namespace RunCloud.Testing;

/// <summary>The measures of the screen. It has no keyboard to read and no cells to draw.</summary>
internal sealed class ShellRawScreen(int width) : PSHostRawUserInterface
{
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    // As high as the engine likes: a screen that scrolls forever never asks to press a key for more.
    public override Size BufferSize { get; set; } = new(width, 3000);

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override bool KeyAvailable => false;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override Size MaxWindowSize => BufferSize;

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize
    {
        get => BufferSize;
        set => BufferSize = value;
    }

    public override string WindowTitle { get; set; } = "";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException("The screen can't be read back as cells.");

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException("There is no keyboard.");

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw new NotSupportedException("The screen can't be drawn on.");

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException("The screen can't be drawn on.");

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException("The screen can't be drawn on.");
}
