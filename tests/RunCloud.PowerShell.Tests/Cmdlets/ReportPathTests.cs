using System.Diagnostics;
using System.Management.Automation;
using System.Text;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>-ReportPath and -UndoPath replace nothing but an earlier report of this module.</summary>
public sealed class ReportPathTests
{
    private const string Job = "Revoke-RunCloudSshKey -Key $key -Confirm:$false";

    [Theory]
    [InlineData("a key", "ssh-ed25519 AAAA dave")]
    [InlineData("an undo file", "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\" />")]
    [InlineData("another JSON", "{\"command\":\"rm\",\"startedAt\":\"2026\"}")]
    [InlineData("nothing in it", "")]
    public async Task Another_file_is_left_as_it_is(string what, string content)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var path = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        var error = (await world.ThrowsAsync($"{Job} -ReportPath '{path}'")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        Assert.True(error.ToString().Contains(path, StringComparison.Ordinal), what);
        Assert.Equal(content, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task Each_of_several_files_is_there_before_the_first_removal_and_whole_at_the_end()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var path = Path.Combine(folder.Path, "report");
        string[] files = [path + ".html", path + ".json", path + ".csv"];
        string[]? seen = null;
        _ = world.Faults.Add(Fault.Answering("looks", answer =>
        {
            seen ??= [.. files.Select(File.ReadAllText)];
            return answer;
        }), method: "DELETE");
        _ = await world.MustAsync($"{Job} -ReportPath '{string.Join("','", files)}' -Reason 'Dave <has> left'");
        Assert.NotNull(seen);
        var last = files.Select(File.ReadAllText).ToList();
        Assert.All(seen.Zip(last), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.DoesNotContain("\"endedAt\":\"", seen[0].Split("id=\"data\">")[1], StringComparison.Ordinal);
        Assert.Contains("\"endedAt\":\"", last[0], StringComparison.Ordinal);
        Assert.Contains("Dave \\u003Chas\\u003E left", last[0], StringComparison.Ordinal);
        Assert.Contains("\"reason\": \"Dave <has> left\"", last[1], StringComparison.Ordinal);
        Assert.StartsWith("\uFEFF\"Server\",\"ServerId\",\"IPAddress\",\"ServerStatus\"", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(files[2], TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        Assert.Contains("\"Unconfirmed\"", seen[2], StringComparison.Ordinal);
        Assert.Contains("\"Removed\"", last[2], StringComparison.Ordinal);
        Assert.All(last, text => Assert.DoesNotContain(world.Api.Token, text, StringComparison.Ordinal));

        // The next run replaces each of them.
        _ = await world.MustAsync($"{Job} -ReportPath '{string.Join("','", files)}'");
        Assert.All(files.Zip(last), pair => Assert.NotEqual(pair.Second, File.ReadAllText(pair.First)));
    }

    [Theory]
    [InlineData("-ReportPath '~/a.html', '~/foreign.json'")]
    [InlineData("-ReportPath '~/a.html', '~/./a.html'")]
    [InlineData("-ReportPath '~/a.html', '~/b.csv' -UndoPath '~/b.csv'")]
    [InlineData("-ReportPath '~/a.html', '~/no/b.csv'")]
    [InlineData("-ReportPath '~/a.html', ''")]
    public async Task One_bad_file_among_several_is_reported_before_any_request_and_none_is_written(string parameters)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "foreign.json"), "{\"a\":1}", TestContext.Current.CancellationToken);
        _ = await world.ThrowsAsync($"{Job} {parameters.Replace("~", folder.Path, StringComparison.Ordinal)}");
        Assert.Empty(world.Requests.All);
        Assert.Equal(["foreign.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task One_file_that_cannot_be_written_at_the_end_does_not_cost_the_others()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var (good, bad) = (Path.Combine(folder.Path, "good.json"), Path.Combine(folder.Path, "bad.html"));
        _ = world.Faults.Add(Fault.Answering("takes its place", answer =>
        {
            File.Delete(bad);
            File.WriteAllText(bad, "somebody else's");
            return answer;
        }), method: "DELETE");
        var result = await world.RunAsync($"{Job} -ReportPath '{bad}', '{good}'");
        Assert.Equal(bad, Assert.Single(result.Errors).MustBe("ReportNotSaved", ErrorCategory.WriteError).TargetObject);
        Assert.Equal("somebody else's", await File.ReadAllTextAsync(bad, TestContext.Current.CancellationToken));
        Assert.Contains("\"complete\": true", await File.ReadAllTextAsync(good, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_earlier_report_is_replaced_also_through_a_link()
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var report = Path.Combine(folder.Path, "report.json");
        _ = await world.MustAsync($"{Job} -ReportPath '{report}'");
        var first = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        _ = await world.MustAsync($"{Job} -ReportPath '{report}'");
        Assert.NotEqual(first, await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken));
        Assert.SkipUnless(World.HasUnixFiles, "Links need a privilege there.");
        var link = Path.Combine(folder.Path, "link");
        File.CreateSymbolicLink(link, report);
        _ = await world.MustAsync($"{Job} -ReportPath '{link}'");
        Assert.Equal(report, new FileInfo(link).LinkTarget);
    }

    [Fact]
    public async Task Devices_pipes_and_links_to_them_are_never_opened_or_replaced()
    {
        Assert.SkipUnless(World.HasUnixFiles, "Windows has no such files.");
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var pipe = Path.Combine(folder.Path, "pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await OwnDevices.MakeAsync(folder.Path, TestContext.Current.CancellationToken);
        var (device, endless) = (OwnDevices.InPlace("/dev/null", folder.Path), OwnDevices.InPlace("/dev/zero", folder.Path));
        var link = Path.Combine(folder.Path, "link");
        File.CreateSymbolicLink(link, device);
        var nowhere = Path.Combine(folder.Path, "nowhere");
        File.CreateSymbolicLink(nowhere, Path.Combine(folder.Path, "no", "such"));
        var circle = Path.Combine(folder.Path, "circle");
        File.CreateSymbolicLink(circle, circle);
        foreach (var path in (string[])[device, endless, pipe, link, nowhere, circle])
        {
            _ = (await world.ThrowsAsync($"{Job} -ReportPath '{path}'")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        }

        Assert.Equal(device, new FileInfo(link).LinkTarget);
        Assert.Empty(await File.ReadAllBytesAsync(device, TestContext.Current.CancellationToken));
        Assert.Empty(world.Requests.All);
    }

    [Fact]
    public async Task One_file_under_two_paths_is_one_file()
    {
        Assert.SkipUnless(World.HasUnixFiles, "Links need a privilege there.");
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var real = Directory.CreateDirectory(Path.Combine(folder.Path, "real")).FullName;
        var other = Path.Combine(folder.Path, "other");
        Directory.CreateSymbolicLink(other, real);
        _ = (await world.ThrowsAsync($"{Job} -UndoPath '{real}/file' -ReportPath '{other}/file'")).MustBe("InvalidPath", ErrorCategory.InvalidArgument);
        Assert.Empty(Directory.GetFiles(real));
        Assert.Empty(world.Requests.All);
    }

    [Theory]
    [InlineData("\"a`0b\"")]
    [InlineData("('x' * 5000)")]
    [InlineData("'nodrive:/x'")]
    [InlineData("'HKLM:/x'")]
    [InlineData("'~nobody-here/x/y'")]
    [InlineData("\"/`u{FFFE}/x\"")]
    [InlineData("'*'")]
    [InlineData("'[x'")]
    [InlineData("'env:PATH'")]
    public async Task An_invalid_path_is_an_error_of_our_own(string path)
    {
        await using var world = await StartAsync();
        foreach (var parameter in (string[])["-UndoPath", "-ReportPath"])
        {
            using var folder = new TemporaryFolder();
            var result = await world.RunAsync($"Set-Location '{folder.Path}'; try {{ $null = {Job} -WhatIf {parameter} {path} }} catch {{ $_ }}");
            Assert.All(result.OutputOf<ErrorRecord>().Concat(result.Errors), error => Assert.Contains(error.Id(), (string[])["InvalidPath", "UndoPathExists", "CommandNotFoundException"]));
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        }
    }

    [Theory]
    [InlineData("\uFFFE\uFFFF")]
    [InlineData("a\u2028b\u0001\u001b[31m")]
    [InlineData("_x0041_ <&>\"' ]]>")]
    [InlineData("\U0001F511 \u202Edave")]
    [InlineData("=cmd|' /C calc'!A0")]
    public async Task Any_comment_goes_into_the_undo_file_and_comes_back(string comment)
    {
        using var folder = new TemporaryFolder();
        await using var world = await StartAsync();
        var line = World.Key(1, comment);
        _ = world.Fleet.AddCredential(101, "root", "odd", line, id: 30);
        _ = await world.MustAsync($"{Job} -UndoPath '{folder.Path}/undo.xml'");
        Assert.Empty(world.Fleet.Snapshot().Credentials);
        var saved = PSSerializer.DeserializeAsList(await File.ReadAllTextAsync(Path.Combine(folder.Path, "undo.xml"), TestContext.Current.CancellationToken)).Cast<PSObject>().ToList();
        Assert.Equal([17L, 30L], saved.Select(item => (long)item.Properties["Id"].Value).Order());
        Assert.Contains(line, saved.Select(item => (string)item.Properties["PublicKey"].Value));
        Assert.Contains("Deserialized.RunCloud.SshCredential", saved[0].TypeNames);
    }

    [Fact]
    public async Task Excluding_every_server_is_an_error()
    {
        await using var world = await StartAsync();
        _ = (await world.FailsAsync($"{Job} -ExcludeServer '*'")).MustBe("ServerNotFound", ErrorCategory.ObjectNotFound);
        Assert.Single(world.Fleet.Snapshot().Credentials);
    }

    [Fact]
    public async Task A_warning_under_Debug_ends_nothing_where_nobody_can_be_asked()
    {
        await using var world = await StartAsync(new ShellOptions { Mode = ShellMode.NonInteractive });
        var result = await world.RunAsync($"{Job} -Debug");
        Assert.Null(result.Terminating);
        Assert.Empty(world.Fleet.Snapshot().Credentials);
    }

    private static async Task<World> StartAsync(ShellOptions? shell = null)
    {
        var world = await World.StartAsync(fleet => fleet.AddCredential(fleet.AddServer("web-01", id: 101).Id, "root", "dave", World.Key(1), id: 17), shell: shell);
        world.Shell.SetVariable("key", World.Key(1));
        return world;
    }
}
