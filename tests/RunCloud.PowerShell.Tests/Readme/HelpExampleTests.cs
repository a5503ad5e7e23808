using RunCloud.PowerShell.Tests.Hosting;
using RunCloud.PowerShell.Tests.Verification;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Readme;

/// <summary>Every example of the cmdlets' pages, which <c>Get-Help</c> shows too, and every block of the topic about_RunCloud is typed into a hosted shell, each before a workspace of its own.</summary>
[Collection(ProcessEnvironmentCollection.Name)]
public sealed class HelpExampleTests
{
    private const string Secrets = """
        function Get-Secret {
            param([string] $Name)
            $secret = [securestring]::new()
            foreach ($character in $env:RUNCLOUD_API_TOKEN.ToCharArray()) { $secret.AppendChar($character) }
            $secret
        }
        """;

    private static readonly long[] Everywhere = [.. Ids(_ => true)];
    private static readonly long[] Copies = [.. Ids(credential => credential.PublicKey.StartsWith(Desk.DavesKey, StringComparison.Ordinal))];
    private static readonly long[] WithDavesComment = [.. Ids(credential => credential.PublicKey.EndsWith("dave@laptop", StringComparison.Ordinal))];

    // By the beginning of the page's name and the example's number.
    private static readonly Dictionary<string, Promise> Promises = new(StringComparer.Ordinal)
    {
        ["about_RunCloud LONG DESCRIPTION 1"] = new() { TokenInEnvironment = false, WhatIfs = 1, Output = 4, Contexts = "default" },
        ["about_RunCloud LONG DESCRIPTION 2"] = new() { WhatIfs = Copies.Length },
        ["about_RunCloud UNATTENDED 1"] = new() { Gone = Copies, ExitCode = 0 },
        ["Add-RunCloudSshCredential 1"] = new() { Added = ["101 runcloud erin"] },
        ["Add-RunCloudSshCredential 2"] = new() { Gone = Copies, Added = ["101 root dave", "101 runcloud dave-2", "102 runcloud old-laptop", "103 deploy dave"] },
        ["Add-RunCloudSshCredential 3"] = new() { Added = ["101 runcloud support"] },
        ["Add-RunCloudSshCredential 4"] = new() { WhatIfs = 2 },
        ["Connect-RunCloud 1"] = new() { TokenInEnvironment = false, Contexts = "default" },
        ["Connect-RunCloud 2"] = new() { Before = Secrets, Contexts = "default" },
        ["Connect-RunCloud 3"] = new() { Before = Secrets, Contexts = "agency client", Output = 4 },
        ["Connect-RunCloud 4"] = new() { Rows = ("access.csv", Everywhere) },
        ["Disconnect-RunCloud 1"] = new() { Before = Connected, Contexts = "client-a client-b" },
        ["Disconnect-RunCloud 2"] = new() { Before = Connected, Contexts = "default" },
        ["Get-RunCloudContext 1"] = new() { Before = Connected, Contexts = "client-a client-b default", Output = 3 },
        ["Get-RunCloudContext 2"] = new() { Before = Connected, Contexts = "client-a client-b default", Output = 3 },
        ["Get-RunCloudServer 1"] = new() { Output = 4 },
        ["Get-RunCloudServer 2"] = new() { Output = 3 },
        ["Get-RunCloudServer 3"] = new() { IsOneOffline = true, Output = 1 },
        ["Get-RunCloudServer 4"] = new() { Output = 2 },
        ["Get-RunCloudSshCredential 1"] = new() { Output = Copies.Length },
        ["Get-RunCloudSshCredential 2"] = new() { Output = WithDavesComment.Length },
        ["Get-RunCloudSshCredential 3"] = new() { Rows = ("access.csv", Everywhere) },
        ["Get-RunCloudSshCredential 4"] = new() { Output = 3 },
        ["Get-RunCloudSshCredential 5"] = new() { Output = 3 },
        ["Get-RunCloudSshCredential 6"] = new() { Output = 2 },
        ["Get-RunCloudSshKey 1"] = new() { Output = 4 },
        ["Get-RunCloudSshKey 2"] = new() { Output = 1 },
        ["Get-RunCloudSshSession 1"] = new() { Output = 2 },
        ["Get-RunCloudSshSession 2"] = new() { Output = 2 },
        ["Get-RunCloudSshSession 3"] = new() { Gone = Copies, Output = 2 },
        ["Get-RunCloudSshSetting 1"] = new() { Output = 3 },
        ["Get-RunCloudSshSetting 2"] = new() { Output = 3 },
        ["Get-RunCloudSshSetting 3"] = new() { Output = 1 },
        ["Get-RunCloudSystemUser 1"] = new() { Output = 2 },
        ["Get-RunCloudSystemUser 2"] = new() { Output = 1 },
        ["Get-RunCloudSystemUser 3"] = new() { WhatIfs = 1 },
        ["Invoke-RunCloudApi 1"] = new() { Output = 1 },
        ["Invoke-RunCloudApi 2"] = new() { Output = 2 },
        ["Invoke-RunCloudApi 3"] = new() { WhatIfs = 1 },
        ["Remove-RunCloudSshCredential 1"] = new() { WhatIfs = Copies.Length, Gone = Copies },
        ["Remove-RunCloudSshCredential 2"] = new() { Gone = WithDavesComment },
        ["Remove-RunCloudSshCredential 3"] = new() { WhatIfs = 3 },
        ["Remove-RunCloudSshCredential 4"] = new() { Gone = Copies, ExitCode = 0 },
        ["Remove-RunCloudSshCredential 5"] = new() { Gone = [17] },
        ["Revoke-RunCloudSshKey 1"] = new() { WhatIfs = 1, Gone = Copies, Output = 4 + 4 },
        ["Revoke-RunCloudSshKey 2"] = new() { Gone = Copies, Output = 4, Added = ["101 root dave", "101 runcloud dave-2", "102 runcloud old-laptop", "103 deploy dave"] },
        ["Revoke-RunCloudSshKey 3"] = new() { Gone = [17, Copies[1]], Output = 1 },
        ["Revoke-RunCloudSshKey 4"] = new() { Gone = [17, Copies[3]], Output = 4, Errors = ["LastCredentialKept", "LastCredentialKept"] },
        ["Revoke-RunCloudSshKey 5"] = new() { Gone = Copies, ExitCode = 0 },
        ["Select-RunCloudContext 1"] = new() { Before = Connected, Contexts = "client-a client-b default", Output = 4 },
        ["Select-RunCloudContext 2"] = new() { Contexts = "environment" },
        ["Test-RunCloudConnection 1"] = new() { Output = 6 },
        ["Test-RunCloudConnection 2"] = new(),
        ["Test-RunCloudSshAccess 1"] = new() { Output = 6 },
        ["Test-RunCloudSshAccess 2"] = new(),
        ["Test-RunCloudSshKey 1"] = new() { OnLoopback = true, Output = 10 },
        ["Test-RunCloudSshKey 2"] = new() { OnLoopback = true, Gone = Copies, Output = 4 },
        ["Test-RunCloudSshKey 3"] = new() { OnLoopback = true, Gone = Copies },
        ["Update-RunCloudSshKey 1"] = new() { WhatIfs = 1, Gone = Copies, Output = 4 + 4, Added = ["101 root erin-desk", "101 runcloud erin-desk-2", "102 runcloud erin-desk", "103 deploy erin-desk"] },
        ["Update-RunCloudSshKey 2"] = new() { Gone = [.. Copies[..3]], Output = 2, Added = ["101 root erin", "101 runcloud erin-2", "102 runcloud erin"] },
        ["Set-RunCloudSshSetting 1"] = new() { WhatIfs = 2, Set = ["101 False True False", "102 False True False"] },
        ["Set-RunCloudSshSetting 2"] = new() { Set = ["101 True False False", "102 True False False", "104 True True False"], Output = 4 },
        ["Set-RunCloudSshSetting 3"] = new() { Set = ["103 False False False"] },
    };

    /// <summary>The names of all examples that there are, and of those that have a promise.</summary>
    public static TheoryData<string> Names => [.. Examples().Select(example => example.Name).Union(Promises.Keys)];

    private const string Connected = "Connect-RunCloud -Name client-a; Connect-RunCloud -Name client-b; Connect-RunCloud";

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_example_does_what_it_says(string name)
    {
        var script = Assert.Single(Examples(), example => example.Name == name).Script;
        var promise = Promises.GetValueOrDefault(name) ?? Reads(name);
        await using var desk = await Desk.OpenAsync(promise.TokenInEnvironment);
        if (promise.OnLoopback)
        {
            Sshd.RequireClient();
            MoveToLoopback(desk);
        }

        _ = await desk.TypeAsync(promise.Before);
        desk.Simulator.Fleet.UpdateServer(104, server => server with { Online = !promise.IsOneOffline });

        // A shell loads an installed module by itself where a command of it is called; the hosted engine's further runspaces do not.
        var result = await desk.Shell.RunAsync(
            script.Replace("-Parallel {", $"-Parallel {{ Import-Module '{StagedModule.Manifest}';", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        Assert.Null(result.Terminating);
        Assert.Equal(promise.Errors, result.Errors.Select(error => error.Id()));
        Assert.True(promise.Output is { } count ? count == result.Output.Count : result.Output.Count > 0, $"The example '{name}' gave {result.Output.Count} objects.");
        Assert.Equal(promise.WhatIfs, result.Screen.Split('\n').Count(line => line.StartsWith("What if: ", StringComparison.Ordinal)));
        Assert.Equal(promise.Gone, desk.Gone.Select(credential => credential.Id));
        Assert.Equal(promise.Added.Order(StringComparer.Ordinal), desk.Added.Select(credential => $"{credential.ServerId} {credential.User} {credential.Label}").Order(StringComparer.Ordinal));
        Assert.Equal(promise.Set, desk.Set);
        Assert.Equal(promise.ExitCode, desk.Shell.Host.ExitCode);
        if (promise.Contexts is not null)
        {
            var contexts = await desk.TypeAsync("(Get-RunCloudContext).Name");
            Assert.Equal(promise.Contexts, string.Join(' ', contexts.Output));
        }

        if (promise.Rows is var (file, ids))
        {
            Assert.Equal(ids.Length, (await desk.TypeAsync($"Import-Csv {file}")).Output.Count);
        }
    }

    /// <summary>The rule for an example without an entry of its own: a reading command returns something and changes nothing.</summary>
    private static Promise Reads(string name)
    {
        Assert.True(name.StartsWith("Get-", StringComparison.Ordinal), $"The example '{name}' has no promise.");
        return new Promise { Output = null };
    }

    [Fact]
    public async Task The_temporary_key_of_the_example_is_one()
    {
        await using var desk = await Desk.OpenAsync();
        _ = await desk.TypeAsync(Assert.Single(Examples(), example => example.Name == "Add-RunCloudSshCredential 3").Script);
        Assert.True(Assert.Single(desk.Added).Temporary);
    }

    /// <summary>Gives every server an address of this machine, where nothing answers.</summary>
    private static void MoveToLoopback(Desk desk)
    {
        foreach (var server in desk.Before.Servers)
        {
            var address = Sshd.NextAddress();
            desk.Simulator.Fleet.UpdateServer(server.Id, one => one with { IPAddress = address });
        }

        desk.Shell.SetVariable("PSDefaultParameterValues", new System.Management.Automation.DefaultParameterDictionary
        {
            ["Test-RunCloudSshKey:Port"] = Sshd.Port,
            ["Test-RunCloudSshKey:KnownHostsPath"] = Path.Combine(desk.Folder, "known_hosts"),
        });
    }

    private static IEnumerable<long> Ids(Func<FleetCredential, bool> wanted) => Desk.Workspace().Snapshot().Credentials.Where(wanted).Select(credential => credential.Id);

    private static IEnumerable<(string Name, string Script)> Examples()
    {
        foreach (var part in MarkdownCode.Of("docs/about_RunCloud.md").Where(block => block.IsPowerShell).GroupBy(block => block.Heading, StringComparer.Ordinal))
        {
            foreach ((var number, var block) in part.Index())
            {
                yield return ($"about_RunCloud {part.Key} {number + 1}", block.Text);
            }
        }

        foreach (var path in Directory.GetFiles(Path.Combine(MarkdownCode.Root, "docs", "cmdlets"), "*.md"))
        {
            foreach (var block in MarkdownCode.Of(Path.GetRelativePath(MarkdownCode.Root, path))
                .Where(block => block.IsPowerShell && block.Heading.StartsWith("Example ", StringComparison.Ordinal)))
            {
                yield return ($"{Path.GetFileNameWithoutExtension(path)} {block.Heading.Split(' ', ':')[1]}", block.Text);
            }
        }
    }

    /// <summary>What an example does before the small workspace of <see cref="Desk"/>.</summary>
    private sealed record Promise
    {
        /// <summary>What is typed before it; the examples say in words what they need.</summary>
        public string Before { get; init; } = "";

        /// <summary>Whether the token is in the environment, and not asked for.</summary>
        public bool TokenInEnvironment { get; init; } = true;

        /// <summary>Whether one of the servers is offline.</summary>
        public bool IsOneOffline { get; init; }

        /// <summary>Whether the servers' addresses are this machine's, where nothing listens.</summary>
        public bool OnLoopback { get; init; }

        /// <summary>How many objects come out.</summary>
        public int? Output { get; init; } = 0;

        /// <summary>The ids of the errors that it writes.</summary>
        public string[] Errors { get; init; } = [];

        /// <summary>How many actions -WhatIf names.</summary>
        public int WhatIfs { get; init; }

        /// <summary>The ids of the removed credentials.</summary>
        public long[] Gone { get; init; } = [];

        /// <summary>Server, user and label of the added ones.</summary>
        public string[] Added { get; init; } = [];

        /// <summary>The servers whose SSH settings change, as <see cref="Desk.Set"/> names them.</summary>
        public string[] Set { get; init; } = [];

        /// <summary>The names of the contexts afterwards; not looked at where it is <see langword="null"/>.</summary>
        public string? Contexts { get; init; }

        /// <summary>The exit code of the shell.</summary>
        public int? ExitCode { get; init; }

        /// <summary>A CSV file and the credentials in it.</summary>
        public (string File, long[] Ids)? Rows { get; init; }
    }
}
