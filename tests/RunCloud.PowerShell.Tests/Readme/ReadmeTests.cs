using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using RunCloud.Api;
using RunCloud.Demo;
using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.PowerShell.Tests.Verification;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>
/// Every PowerShell block of the README is typed into a hosted shell, section by section, and must do what the section promises. What the
/// engine's package lacks is stood in for (<see cref="RunCloud.Testing"/>); of <c>dotnet</c>, <c>New-Item</c> and <c>Copy-Item</c> the
/// installation's test brings its own.
/// </summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed partial class ReadmeTests
{
    private const string Page = "README.md";
    private const string Elided = "…";

    /// <summary>What <c>RunCloud.Demo -- --serve</c> serves, and the README's output was taken from.</summary>
    private static readonly SimulatorOptions Served = Tour.Workspace;

    private static readonly IReadOnlyList<MarkdownCode> Blocks = MarkdownCode.Of(Page);

    // A section's blocks run in one session; a section without an entry here, and an entry without a section, fails.
    private static readonly Dictionary<string, Func<IReadOnlyList<string>, Task>> Sections = new(StringComparer.Ordinal)
    {
        ["RunCloud.PowerShell"] = IntroductionAsync,
        ["Install"] = InstallAsync,
        ["One minute"] = TourAsync,
        ["A leaver's key"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            var result = await desk.TypeAsync(blocks[0]);
            Assert.Equal(1, WhatIfs(result));
            Assert.Single(result.Prompts);
            AssertGone(desk, desk.Copies);
            Assert.True(File.Exists(desk.PathOf("report.json")));
            Assert.Empty((await desk.TypeAsync(blocks[1])).Output);

            // They are added side by side, so in any order.
            Assert.Equal(
                desk.Copies.Select(copy => (copy.ServerId, copy.User, copy.Label, copy.PublicKey)).Order(),
                desk.Added.Select(copy => (copy.ServerId, copy.User, copy.Label, copy.PublicKey)).Order());
            Assert.Equal(2, blocks.Count);
        },
        ["Offboard a person"] = OffboardAsync,
        ["A new key for an old one"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            var result = await desk.TypeAsync(Assert.Single(blocks));
            Assert.Equal(1, WhatIfs(result));
            Assert.Single(result.Prompts);
            Assert.Equal(desk.Copies, desk.Gone);
            Assert.Equal(desk.Copies.Select(copy => (copy.ServerId, copy.User)), desk.Added.Select(added => (added.ServerId, added.User)));
            Assert.All(desk.Added, added => Assert.EndsWith(" erin@desk", added.PublicKey, StringComparison.Ordinal));
        },
        ["A leaver's key, step by step"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            var result = await desk.TypeAsync(Assert.Single(blocks));
            Assert.Equal(desk.Copies.Count, WhatIfs(result));
            Assert.Single(result.Prompts);
            AssertGone(desk, desk.Copies);
        },
        ["All keys of root"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            var result = await desk.TypeAsync(Assert.Single(blocks));
            FleetCredential[] ofRoot = [.. desk.Before.Credentials.Where(credential => credential.User == "root")];
            Assert.NotEmpty(ofRoot);
            Assert.Equal(ofRoot.Length, WhatIfs(result));
            AssertGone(desk, ofRoot);
        },
        ["Close root's login"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            desk.Simulator.Fleet.UpdateServer(104, server => server with { Online = false });
            foreach (var credential in desk.Before.Credentials.Where(credential => credential is { ServerId: 103, User: not "root" }))
            {
                Assert.True(desk.Simulator.Fleet.RemoveCredential(103, credential.Id));
            }

            var result = await desk.TypeAsync(Assert.Single(blocks));
            Assert.Equal(2, WhatIfs(result));
            Assert.Single(result.Prompts);
            Assert.Equal(["101 False True False", "102 False True False"], desk.Set);
            Assert.Contains("mail-01", string.Concat(result.Warnings), StringComparison.Ordinal);
        },
        ["Who has access to what"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            _ = await desk.TypeAsync(Assert.Single(blocks));
            var rows = await desk.TypeAsync("Import-Csv access.csv");
            Assert.Equal(
                desk.Before.Credentials.Select(credential => credential.Label).Order(StringComparer.Ordinal),
                rows.Output.Select(row => (string)row.Properties["Label"].Value).Order(StringComparer.Ordinal));
            Assert.All(rows.Output, row => Assert.StartsWith("SHA256:", (string)row.Properties["Fingerprint"].Value, StringComparison.Ordinal));
            AssertGone(desk, []);
        },
        ["Keys older than a year"] = async blocks =>
        {
            await using var desk = await Desk.OpenAsync();
            var result = await desk.TypeAsync(Assert.Single(blocks));
            Assert.Equal(["dave", "old-laptop", "ops"], Labels(result));
        },
        ["Undo from a saved list"] = UndoAsync,
        ["A scheduled task"] = ScheduledAsync,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The sections that have something to type into PowerShell, and those that have a test.</summary>
    public static TheoryData<string> SectionNames => [.. Blocks.Where(block => block.IsPowerShell).Select(block => block.Heading).Union(Sections.Keys)];

    [Theory]
    [MemberData(nameof(SectionNames))]
    public async Task Each_section_does_what_it_says(string section)
    {
        string[] blocks = [.. Blocks.Where(block => block.IsPowerShell && block.Heading == section).Select(block => block.Text)];
        Assert.NotEmpty(blocks);
        Assert.True(Sections.TryGetValue(section, out var run), $"The section '{section}' has no test.");
        await run(blocks);
    }

    [Fact]
    public void The_commands_for_a_fresh_clone_are_those_that_ci_runs()
    {
        string[] commands = [.. Blocks.Where(block => block.Heading == "See it work").Select(block => block.Text)];
        var ci = File.ReadAllText(Path.Combine(MarkdownCode.Root, ".ci", "run"));
        Assert.Equal(["dotnet run --project tests/RunCloud.Demo", "dotnet test"], commands);
        Assert.All(commands, command => Assert.Contains("\n" + command + " ", ci, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Page, "When something goes wrong")]
    [InlineData("docs/about_RunCloud.md", "ERROR IDS")]
    public void Each_error_id_is_explained(string page, string heading)
    {
        var ofTheShell = typeof(ErrorIds).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Select(id => (string)id.GetRawConstantValue()!);
        Assert.Equal(
            Enum.GetNames<RunCloudError>().Concat(ofTheShell).Order(StringComparer.Ordinal),
            MarkdownCode.ErrorIds(page, heading).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Links_lead_to_files_that_are_there()
    {
        string[] links = [.. LocalLink().Matches(File.ReadAllText(Path.Combine(MarkdownCode.Root, Page))).Select(match => match.Groups["file"].Value)];
        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(MarkdownCode.Root, link)), link));
    }

    private static async Task InstallAsync(IReadOnlyList<string> blocks)
    {
        // The staged files must be in the process before a copy of them is asked for.
        Assert.All(new[] { "RunCloud.Api", "RunCloud.PowerShell" }, name => _ = Assembly.Load(name));
        await using var desk = await Desk.OpenAsync(importModule: false);
        var modules = desk.PathOf("Modules");
        using var path = new EnvironmentVariables(("PSModulePath", string.Join(Path.PathSeparator, modules, desk.Folder)));
        _ = await desk.TypeAsync(
            $$"""
            $ExecutionContext.SessionState.Path.SetLocation('{{MarkdownCode.Root}}')
            function dotnet { $global:dotnetArguments = $args }
            function New-Item {
                param([string] $Path, [string] $ItemType, [switch] $Force)
                if ($ItemType -ne 'Directory' -or -not $Force) { throw 'not known' }
                [IO.Directory]::CreateDirectory($Path)
            }
            function Copy-Item {
                param([string] $Path, [string] $Destination, [switch] $Recurse, [switch] $Force)
                if (-not ($Recurse -and $Force -and [IO.Directory]::Exists($Destination))) { throw 'not known' }
                $source = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
                foreach ($file in [IO.Directory]::GetFiles($source, '*', 'AllDirectories')) {
                    $target = [IO.Path]::Combine($Destination, [IO.Path]::GetFileName($source), [IO.Path]::GetRelativePath($source, $file))
                    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
                    [IO.File]::Copy($file, $target, $true)
                }
            }
            """);
        _ = await desk.TypeAsync(Assert.Single(blocks));
        Assert.Equal(["build"], ((object[])desk.Shell.GetVariable("dotnetArguments")!).Cast<string>());
        var module = (await desk.TypeAsync("Get-Module RunCloud.PowerShell")).OutputOf<PSModuleInfo>().Single();
        Assert.Equal(Path.Combine(modules, "RunCloud.PowerShell"), module.ModuleBase);
        Assert.NotEmpty((await desk.TypeAsync("Get-RunCloudServer")).Output);
    }

    private static async Task TourAsync(IReadOnlyList<string> blocks)
    {
        await using var desk = await Desk.OpenAsync(Served);
        MarkdownCode[] section = [.. Blocks.Where(block => block.Heading == "One minute")];
        for (var at = 0; at < section.Length; at += 2)
        {
            Assert.True(section[at].IsPowerShell && section[at + 1].IsOutput);
            var result = await desk.Shell.RenderAsync(section[at].Text, width: 120, Token);
            Assert.Null(result.Terminating);
            AssertShown(section[at + 1].Text, result.Screen);
        }

        AssertGone(desk, desk.Copies);
        var account = (object[])desk.Shell.GetVariable("account")!;
        var removed = account.Cast<PSObject>().Count(removal => (string)removal.Properties["Status"].Value == "Removed");
        var text = await File.ReadAllTextAsync(Path.Combine(MarkdownCode.Root, Page), Token);
        Assert.Contains($"{removed} copies are gone. The other {account.Length - removed} were on servers that are offline", text, StringComparison.Ordinal);
        Assert.Equal(section.Length, 2 * blocks.Count);
    }

    /// <summary>The first commands of all take the leaked key and nothing else; and what is said of the comment is true.</summary>
    private static async Task IntroductionAsync(IReadOnlyList<string> blocks)
    {
        await using var desk = await Desk.OpenAsync(Served);
        var plan = await desk.Shell.RunAsync(blocks[0], Token);
        Assert.Equal(1, WhatIfs(plan));
        Assert.All(desk.Copies, copy => Assert.Contains($"(id {copy.Id}, ", plan.Screen, StringComparison.Ordinal));
        var steps = await desk.TypeAsync(blocks[1]);
        Assert.Equal(desk.Copies.Count, WhatIfs(steps));
        Assert.All(desk.Copies, copy => Assert.Contains($"(id {copy.Id}, ", steps.Screen, StringComparison.Ordinal));
        Assert.Empty(desk.Simulator.Requests.Changing);
        Assert.Equal(2, blocks.Count);

        var others = desk.Before.Credentials.Except(desk.Copies).Count(HasDavesComment);
        var missed = desk.Copies.Count(copy => !HasDavesComment(copy));
        Assert.Contains($"takes {others} keys of others and misses {missed} copies of his", await File.ReadAllTextAsync(Path.Combine(MarkdownCode.Root, Page), Token), StringComparison.Ordinal);
    }

    private static async Task OffboardAsync(IReadOnlyList<string> blocks)
    {
        Sshd.RequireClient();
        await using var desk = await Desk.OpenAsync(Served);
        desk.Shell.SetVariable("PSDefaultParameterValues", new DefaultParameterDictionary
        {
            ["Test-RunCloudSshKey:Port"] = Sshd.Port,
            ["Test-RunCloudSshKey:KnownHostsPath"] = desk.PathOf("known_hosts"),
        });
        string[] hints = [.. (await desk.TypeAsync(blocks[0])).Output.Select(key => (string)key.Properties["Fingerprint"].Value)];
        var his = SshPublicKey.Parse(desk.Simulator.Fleet.LeakedKey!).Fingerprint;
        Assert.Contains(his, hints);
        Assert.NotEmpty(hints.Except([his], StringComparer.Ordinal));
        var revoked = await desk.Shell.RunAsync(blocks[1], Token);
        Assert.Null(revoked.Terminating);
        AssertGone(desk, desk.Copies);
        Assert.All(new[] { "dave.html", "dave.json", "dave-undo.xml" }, file => Assert.True(File.Exists(desk.PathOf(file)), file));
        var asked = await desk.TypeAsync(blocks[2]);
        Assert.NotEmpty(asked.Output);
        Assert.All(asked.Output, answer => Assert.Equal("Unknown", answer.Properties["Status"].Value.ToString()));
        Assert.Equal(3, blocks.Count);
    }

    private static async Task UndoAsync(IReadOnlyList<string> blocks)
    {
        await using var desk = await Desk.OpenAsync();
        FleetCredential[] onWeb = [.. desk.Copies.Where(copy => copy.ServerId is 101 or 102)];
        Assert.Equal(2, blocks.Count);
        _ = await desk.TypeAsync(blocks[0]);
        AssertGone(desk, onWeb);
        _ = await desk.TypeAsync(blocks[1]);

        // They are added side by side, so in any order.
        Assert.Equal(
            onWeb.Select(copy => (copy.ServerId, copy.User, copy.Label, copy.PublicKey)).Order(),
            desk.Added.Select(copy => (copy.ServerId, copy.User, copy.Label, copy.PublicKey)).Order());
    }

    private static async Task ScheduledAsync(IReadOnlyList<string> blocks)
    {
        var lines = Assert.Single(blocks).Split('\n');
        Assert.Equal(3, lines.Length);
        var page = await File.ReadAllTextAsync(Path.Combine(MarkdownCode.Root, Page), Token);
        Assert.All(new[] { 0, 2, 3 }, code => Assert.Contains($"\n| {code} | ", page, StringComparison.Ordinal));

        await EndsWithAsync(2, desk => Assert.Empty(desk.Simulator.Requests.Changing), typed: lines[0] + "\n" + lines[2]);
        await EndsWithAsync(0, desk => AssertGone(desk, desk.Copies));
        await EndsWithAsync(
            2,
            desk => AssertGone(desk, desk.Copies.Where(copy => copy.ServerId != 102)),
            desk => desk.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers/102/ssh/credentials"));
        await EndsWithAsync(
            2, desk => AssertGone(desk, desk.Copies), desk => desk.Simulator.Fleet.UpdateServer(102, server => server with { Online = false }));
        await EndsWithAsync(3, desk => AssertGone(desk, []), desk => desk.Simulator.Faults.Add(Fault.Status(403), "GET", "/servers"));
        await EndsWithAsync(3, desk => AssertGone(desk, []), desk => desk.Simulator.Faults.Add(Fault.Unauthorized));
        await EndsWithAsync(3, desk => AssertGone(desk, []), desk => File.WriteAllText(desk.PathOf("dave.pub"), "nothing"));
        await EndsWithAsync(
            3,
            desk => Assert.Empty(desk.Simulator.Requests.All),
            desk => Environment.SetEnvironmentVariable("PSModulePath", desk.Folder),
            "Remove-Module RunCloud.PowerShell; ");

        async Task EndsWithAsync(int exitCode, Action<Desk> assert, Action<Desk>? spoil = null, string typedBefore = "", string? typed = null)
        {
            await using var desk = await Desk.OpenAsync();
            foreach (var file in Directory.GetFiles(Path.Combine(MarkdownCode.Root, "examples")))
            {
                File.Copy(file, Path.Combine(Directory.CreateDirectory(desk.PathOf("examples")).FullName, Path.GetFileName(file)));
            }

            spoil?.Invoke(desk);
            var result = await desk.Shell.RunAsync(typedBefore + (typed ?? lines[1] + "\n" + lines[2]), Token);
            Assert.Null(result.Terminating);
            Assert.Equal(exitCode, result.Output[^1].BaseObject);
            Assert.Empty(result.Prompts);
            assert(desk);
        }
    }

    private static bool HasDavesComment(FleetCredential credential) => credential.PublicKey.EndsWith("dave@laptop", StringComparison.Ordinal);

    private static int WhatIfs(ShellResult result) => result.Screen.Split('\n').Count(line => line.StartsWith("What if: ", StringComparison.Ordinal));

    private static IEnumerable<string> Labels(ShellResult result) => result.Output.Select(item => (string)item.Properties["Label"].Value);

    private static void AssertGone(Desk desk, IEnumerable<FleetCredential> expected)
    {
        Assert.Equal(expected.Select(credential => credential.Id), desk.Gone.Select(credential => credential.Id));
        Assert.Empty(desk.Added);
    }

    /// <summary>Compares a screen with a page's block. Trailing blanks and empty lines are ignored, and … stands for any lines.</summary>
    private static void AssertShown(string expected, string screen)
    {
        var wanted = Lines(expected);
        var shown = Lines(screen);
        var cut = Array.IndexOf(wanted, Elided);
        if (cut < 0)
        {
            Assert.Equal(wanted, shown);
            return;
        }

        var tail = wanted[(cut + 1)..];
        Assert.Equal(wanted[..cut], shown.Take(cut));
        Assert.True(shown.Length > cut + tail.Length, "Nothing is left out.");
        Assert.Equal(tail, shown[^tail.Length..]);
    }

    // The choices of a question and the answer look different on each host, and so does where it folds a long line.
    private static string[] Lines(string text) =>
        [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0 && !line.StartsWith("[Y", StringComparison.Ordinal))];

    [GeneratedRegex(@"\]\((?<file>[^):#]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LocalLink();
}
