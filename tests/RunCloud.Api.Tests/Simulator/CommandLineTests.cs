using RunCloud.Simulator;
using Xunit;

namespace RunCloud.SimulatorTests;

public sealed class CommandLineTests
{
    [Fact]
    public void Without_arguments_the_defaults_of_the_library_apply() => Assert.Equal(new SimulatorOptions(), Parse());

    [Fact]
    public void Every_option_arrives()
    {
        var options = Parse(
            "--port", "8080", "--servers", "5", "--keys", "3", "--offline", "1", "--unparsable", "0", "--disguised", "--key-options", "--seed", "-9", "--token", "t",
            "--latency", "50", "--connect-latency", "20", "--no-rate-headers", "--rate", "60/10", "--rate-kind", "tokenbucket", "--reset", "--retry-after", "HttpDate", "--tls",
            "--page-account", "metacamel", "--page-numbers-as-text", "--beyond-last", "NotFound");

        Assert.Equal(
            new SimulatorOptions
            {
                Port = 8080,
                Servers = 5,
                KeysPerServer = 3,
                OfflineServers = 1,
                UnparsableKeys = 0,
                DisguisedCopies = true,
                AcceptKeyOptions = true,
                Seed = -9,
                Token = "t",
                Latency = TimeSpan.FromMilliseconds(50),
                ConnectionLatency = TimeSpan.FromMilliseconds(20),
                RateLimit = new RateLimit
                {
                    Limit = 60,
                    Window = TimeSpan.FromSeconds(10),
                    Kind = RateWindowKind.TokenBucket,
                    SendHeaders = false,
                    SendResetAlways = true,
                    RetryAfter = RetryAfterForm.HttpDate,
                },
                UseTls = true,
                PageAccount = PageAccountForm.MetaCamel,
                PageNumbersAsText = true,
                BeyondLastPage = BeyondLastPage.NotFound,
            },
            options);
    }

    [Fact]
    public void A_refusal_can_be_told_to_say_nothing_of_its_end() =>
        Assert.Equal(new RateLimit { SendReset = false, RetryAfter = RetryAfterForm.None }, Parse("--no-reset").RateLimit);

    [Fact]
    public void A_fleet_smaller_than_the_default_number_of_offline_servers_is_all_offline() =>
        Assert.Equal((2, 2), (Parse("--servers", "2").Servers, Parse("--servers", "2").OfflineServers));

    [Fact]
    public void Switches_that_are_no_options_of_the_library_arrive_too()
    {
        Assert.True(CommandLine.TryParse(["--trace", "--help", "--tls", "--certificate", "x.pem"], out var read, out _));
        Assert.True(read.Trace);
        Assert.True(read.Help);
        Assert.Equal("x.pem", read.CertificatePath);
    }

    [Theory]
    [InlineData("There is no option 'servers'.", "servers")]
    [InlineData("There is no option '--Servers'.", "--Servers", "5")]
    [InlineData("--servers needs a value.", "--servers")]
    [InlineData("--servers can't be '-1'.", "--servers", "-1")]
    [InlineData("--port can't be '65536'.", "--port", "65536")]
    [InlineData("--rate can't be '60'.", "--rate", "60")]
    [InlineData("--rate can't be '60/0'.", "--rate", "60/0")]
    [InlineData("--rate-kind can't be 'leaky'.", "--rate-kind", "leaky")]
    [InlineData("--latency can't be '5 s'.", "--latency", "5 s")]
    [InlineData("--page-account can't be '1'.", "--page-account", "1")]
    [InlineData("--beyond-last can't be 'none'.", "--beyond-last", "none")]
    [InlineData("--token can't be ''.", "--token", "")]
    [InlineData("--certificate goes with --tls.", "--certificate", "x.pem")]
    public void Errors_are_whole_sentences(string expected, params string[] arguments)
    {
        Assert.False(CommandLine.TryParse(arguments, out _, out var problem));
        Assert.Equal(expected, problem);
    }

    [Fact]
    public void The_usage_names_every_option()
    {
        foreach (var name in new[]
        {
            "--port", "--servers", "--keys", "--offline", "--unparsable", "--disguised", "--key-options", "--seed", "--token", "--latency", "--connect-latency",
            "--rate", "--rate-kind", "--no-rate-headers", "--reset", "--no-reset", "--retry-after", "--tls", "--certificate", "--trace", "--help",
        })
        {
            Assert.Contains($"  {name} ", CommandLine.Usage, StringComparison.Ordinal);
        }
    }

    private static SimulatorOptions Parse(params string[] arguments)
    {
        Assert.True(CommandLine.TryParse(arguments, out var read, out var problem), problem);
        return read.Options;
    }
}
