using System.Globalization;
using RunCloud.Demo;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.PowerShell.Tests.Readme;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Demo;

/// <summary>The demo shows the job, proves it, and claims nothing that is not proved.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class DemoTests : IDisposable
{
    private readonly EnvironmentVariables _environment = new(("RUNCLOUD_API_TOKEN", null), ("RUNCLOUD_API_ENDPOINT", null));
    private readonly StringWriter _errors = new(CultureInfo.InvariantCulture);
    private readonly WatchedWriter _output = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _environment.Dispose();
        _errors.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task The_demo_proves_what_it_claims()
    {
        Assert.Equal(0, await RunAsync());
        var shown = string.Join(' ', _output.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("PROVED: 59 of 64 copies of the leaked key are gone, and no other key was touched. NOT KNOWN: whether 5 copies are gone from 2 servers", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", _output.Text, StringComparison.Ordinal);
        Assert.Contains("PS> $leaked | Remove-RunCloudSshCredential -WhatIf", _output.Text, StringComparison.Ordinal);
        Assert.Contains("PS> $account = Revoke-RunCloudSshKey -Key ./dave.pub -ReportPath report.html", _output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ0eXAi", _output.Text, StringComparison.Ordinal);
        Assert.Empty(_errors.ToString());
    }

    [Fact]
    public async Task It_fits_a_screen_of_80_columns_but_for_what_is_typed()
    {
        Assert.True(await Tour.RunAsync(Tour.Workspace, new Stage(_output, 80, colour: false), Token));
        Assert.All(
            _output.Text.Split('\n').Where(line => !line.StartsWith("PS> ", StringComparison.Ordinal)),
            line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
    }

    [Fact]
    public async Task A_server_that_keeps_a_key_it_says_it_deleted_is_detected()
    {
        var lying = Tour.Workspace with { OfflineDelete = OfflineDelete.ClaimsAndKeeps };
        Assert.False(await Tour.RunAsync(lying, new Stage(_output, 120, colour: false), Token));
        Assert.Contains("NOT PROVED", _output.Text, StringComparison.Ordinal);
        Assert.Contains("FAILED  of 64 copies of the leaked key 5 are left", _output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT KNOWN", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_of_serve_can_be_pasted()
    {
        await using var demo = await ServedDemo.StartAsync();
        Assert.Equal(["Set-Location", "Import-Module", "$env:RUNCLOUD_API_ENDPOINT", "$env:RUNCLOUD_API_TOKEN"], demo.Pasted.Select(line => line.Split(' ')[0]));
        Assert.EndsWith("'demo-token'", demo.Pasted[3], StringComparison.Ordinal);
        using var shell = new Shell(new ShellOptions { Module = null, Answers = [ShellAnswer.YesToAll] });
        var result = await shell.RunAsync(
            string.Join('\n', demo.Pasted) + "\nGet-RunCloudServer; Get-RunCloudServer | Get-RunCloudSshCredential -Key ./dave.pub | Remove-RunCloudSshCredential -PassThru", Token);
        Assert.Equal(45 + 64, result.Output.Count);
        Assert.Equal(0, await demo.StopAsync());
        Assert.Contains("of the leaked one 0 copies are left", demo.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Enter_starts_afresh()
    {
        await using var demo = await ServedDemo.StartAsync();
        using var shell = new Shell(new ShellOptions { Module = null, Answers = [ShellAnswer.YesToAll] });
        _ = await shell.RunAsync(string.Join('\n', demo.Pasted) + "\n$null = Revoke-RunCloudSshKey -Key ./dave.pub -UndoPath undo.xml", Token);
        var folder = demo.Pasted[0].Split('\'')[1];
        Assert.True(File.Exists(Path.Combine(folder, "undo.xml")));
        File.Delete(Path.Combine(folder, "erin.pub"));
        await demo.StartAfreshAsync();
        Assert.Equal(
            ["dave.pub", "erin.pub", "examples/Export-AccessReport.ps1", "examples/Remove-RootKey.ps1", "examples/Revoke-LeakedKey.ps1", "examples/Update-SshKey.ps1"],
            Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal));
        var again = await shell.RunAsync("Get-RunCloudServer | Get-RunCloudSshCredential -Key ./dave.pub", Token);
        Assert.Equal(64, again.Output.Count);
    }

    [Theory]
    [InlineData("--serv")]
    [InlineData("serve")]
    [InlineData("--port")]
    [InlineData("--picture")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "-1")]
    [InlineData("--serve", "--port", "http")]
    public async Task Bad_options_are_distinguished_from_failures(params string[] arguments)
    {
        Assert.Equal(Program.BadUsage, await RunAsync(Token, arguments));
        Assert.Contains("--help lists the options.", _errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(_output.Text);
    }

    [Fact]
    public async Task Help_lists_the_options()
    {
        Assert.Equal(0, await RunAsync(Token, "--help"));
        Assert.All(["--serve", "--picture", "--port", "--help"], option => Assert.Contains(option, _output.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_port_is_read()
    {
        Assert.True(DemoOptions.TryParse(["--serve", "--port", "8123"], out var options, out _));
        Assert.Equal(new DemoOptions(Help: false, Serve: true, Picture: null, Port: 8123), options);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using var other = await RunCloudSimulator.StartAsync(cancellationToken: Token);
        var port = other.Endpoint.Port.ToString(CultureInfo.InvariantCulture);
        Assert.Equal(Program.NotProved, await RunAsync(Token, "--port", port));
        Assert.StartsWith($"Port {port} of 127.0.0.1 is taken", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("--port ", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_picture_of_the_readme_is_that_of_today()
    {
        var shown = await Picture.TypeAsync(Tour.Workspace, Token);
        foreach ((var name, var text) in Picture.Draw(shown))
        {
            var there = await File.ReadAllTextAsync(Path.Combine(MarkdownCode.Root, "docs", "images", name), Token);
            Assert.True(text == there.ReplaceLineEndings("\n"), $"docs/images/{name} is not what the module shows now: dotnet run --project tests/RunCloud.Demo -- --picture docs/images");
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_the_tour()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _output.Seen = text =>
        {
            if (text.Contains("The dry run", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        };
        Assert.Equal(Program.Interrupted, await RunAsync(stop.Token));
        Assert.DoesNotContain("The removal", _output.Text, StringComparison.Ordinal);
    }

    private Task<int> RunAsync() => RunAsync(Token);

    private Task<int> RunAsync(CancellationToken cancellation, params string[] arguments) => Program.RunAsync(arguments, _output, _errors, TextReader.Null, cancellation);
}
