using System.Globalization;
using RunCloud.Demo;
using Xunit;

namespace RunCloud.PowerShell.Tests.Demo;

/// <summary>The demo's output fits its screen, and says what it leaves out.</summary>
public sealed class StageTests
{
    [Fact]
    public void Long_lines_are_folded_at_blanks()
    {
        var lines = Shown(stage => stage.Text("one two three four five"), width: 12);
        Assert.Equal(["one two", "    three", "    four", "    five"], lines);
        Assert.Equal(["one two", "three four", "five"], Shown(stage => stage.Say("one two three four five"), width: 11));
    }

    [Fact]
    public void A_word_that_is_too_long_is_cut() => Assert.Equal(["aaaaaaaa", "    aaaa"], Shown(stage => stage.Text("aaaaaaaaaaaa"), width: 8));

    [Fact]
    public void Colours_take_no_room_and_are_not_cut()
    {
        Assert.Equal(["\e[31;1mone two", "    three", "    four\e[0m", "    five"], Shown(stage => stage.Text("\e[31;1mone two three four\e[0m five"), width: 12));
        Assert.Equal(["\e[32;1mone\e[0m two 12"], Shown(stage => stage.Text("\e[32;1mone\e[0m two 12"), width: 10));
    }

    [Fact]
    public void The_end_is_folded_too() => Assert.Equal(["", "one two", "three"], Shown(stage => stage.Reservation("one two three"), width: 8));

    [Fact]
    public void Omitted_lines_are_counted()
    {
        Assert.Equal(["1", "2", "… and 3 more lines"], Shown(stage => stage.Text("\n1\n2\n3\n4\n5\n\n", most: 2)));
        Assert.Equal(["1", "2"], Shown(stage => stage.Text("1\n2", most: 2)));
        Assert.Empty(Shown(stage => stage.Text("\n")));
        Assert.Equal(["… and 1 more rows"], Shown(stage => stage.More(1, "rows")));
        Assert.Empty(Shown(stage => stage.More(0, "rows")));
    }

    [Fact]
    public void Colours_are_for_screens_that_understand_them()
    {
        static void All(Stage stage)
        {
            stage.Heading("a");
            stage.Command("b");
            stage.Check(holds: false, "c");
            stage.Verdict(holds: true, "d");
            stage.Reservation("e");
        }

        Assert.DoesNotContain(Shown(All), line => line.Contains('\e', StringComparison.Ordinal));
        Assert.Equal(5, Shown(All, colour: true).Count(line => line.Contains('\e', StringComparison.Ordinal)));
    }

    private static string[] Shown(Action<Stage> show, int width = 80, bool colour = false)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        show(new Stage(output, width, colour));
        return output.ToString().ReplaceLineEndings("\n").Split('\n')[..^1];
    }
}
