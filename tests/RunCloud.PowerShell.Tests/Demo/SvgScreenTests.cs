using RunCloud.Demo;
using Xunit;

namespace RunCloud.PowerShell.Tests.Demo;

/// <summary>What a terminal shows stands in the picture where it stands there.</summary>
public sealed class SvgScreenTests
{
    [Theory]
    [InlineData("a <b> & 'c'", "<text x=\"18\" y=\"32\" textLength=\"88\">a &lt;b&gt; &amp; &#39;c&#39;</text>")]
    [InlineData("a  b", "<text x=\"42\" y=\"32\" textLength=\"8\">b</text>")]
    [InlineData("a\nb", "<text x=\"18\" y=\"51\" textLength=\"8\">b</text>")]
    [InlineData("\e[36;1mPS> \e[0mx", "<text x=\"18\" y=\"32\" textLength=\"24\" fill=\"#0a6a78\" font-weight=\"600\">PS&gt;</text>\n<text x=\"50\" y=\"32\" textLength=\"8\">x</text>")]
    [InlineData("\e[31mone\ntwo", "<text x=\"18\" y=\"51\" textLength=\"24\" fill=\"#b3261e\">two</text>")]
    public void A_screen_is_drawn_as_text(string screen, string expected) => Assert.Contains(expected, new SvgScreen(SvgColours.Light, 80).Draw(screen), System.StringComparison.Ordinal);
}
