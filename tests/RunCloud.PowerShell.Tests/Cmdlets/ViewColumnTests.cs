using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RunCloud.Simulator;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>The columns of the views: each is a property, each heading is whole at every width, and bad ends are in colour where there is colour.</summary>
public sealed class ViewColumnTests
{
    private static readonly List<XElement> Views =
        [.. XDocument.Load(Path.Combine(StagedModule.Folder, "RunCloud.PowerShell.format.ps1xml")).Descendants("View")];

    public static TheoryData<string> Types { get; } = [.. Views.Select(NameOf).Distinct(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_heading_is_a_property_of_that_name_and_whole_at_every_width(string type)
    {
        var table = Views.Single(view => NameOf(view) == type && view.Element("TableControl") is not null);
        var headings = table.Descendants("Label").Select(label => label.Value).ToList();
        var properties = typeof(Server).Assembly.GetType(type) ?? typeof(Context).Assembly.GetType(type)!;
        Assert.All(headings, heading => Assert.NotNull(properties.GetProperty(heading)));
        foreach (var item in table.Descendants("TableColumnItem").Zip(headings))
        {
            // The value is that of the property, also where it is in colour.
            Assert.Equal(item.Second, item.First.Element("PropertyName")?.Value ?? Regex.Match(item.First.Element("ScriptBlock")!.Value, @"^\$s = \$_\.(\w+); ").Groups[1].Value);
        }

        await using var world = await World.StartAsync(_ => { });
        var row = new PSObject();
        headings.ForEach(heading => row.Properties.Add(new PSNoteProperty(heading, "x")));
        row.TypeNames.Insert(0, type);
        world.Shell.SetVariable("row", row);

        // A shell may keep one column for itself, as this one does.
        foreach (var width in (int[])[80, 81, 100, 101, 120, 121, 200])
        {
            var lines = (await world.Shell.RenderAsync("$row", width, TestContext.Current.CancellationToken)).Screen.Split('\n').Where(line => line.Trim().Length > 0).ToList();
            var shown = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(headings.Take(shown.Length), shown);
            Assert.Matches("^[- ]+$", lines[1].Trim());
            Assert.True(shown.Length >= Math.Min(3, headings.Count), $"{type} has {shown.Length} columns at {width}.");
        }

        Assert.Equal(headings, (await world.Shell.RenderAsync("$row", 120, TestContext.Current.CancellationToken)).Screen.Split('\n').First(line => line.Trim().Length > 0).Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_list_has_no_property_in_another_form(string type) =>
        Assert.All(
            Views.Where(view => NameOf(view) == type).SelectMany(view => view.Descendants("ListItem")),
            item => Assert.True(item.Element("PropertyName") is not null && item.Element("Label") is null && item.Element("ScriptBlock") is null));

    [Theory]
    [MemberData(nameof(Types))]
    public void Properties_are_text_numbers_times_and_plain_arrays(string type)
    {
        var found = typeof(Server).Assembly.GetType(type) ?? typeof(Context).Assembly.GetType(type)!;
        Assert.All(found.GetProperties(BindingFlags.Public | BindingFlags.Instance), property => Assert.True(IsPlain(property.PropertyType), $"{property.Name} is a {property.PropertyType}."));

        static bool IsPlain(Type one) => one.IsArray ? IsPlain(one.GetElementType()!)
            : one.Namespace == typeof(Server).Namespace ? one is { IsEnum: false, IsSealed: true }
            : (Nullable.GetUnderlyingType(one) ?? one) is var plain
                && (plain == typeof(string) || plain == typeof(bool) || plain == typeof(int) || plain == typeof(long) || plain == typeof(DateTimeOffset) || plain == typeof(Uri));
    }

    [Theory]
    [InlineData("RunCloud.SshCredentialRemoval", "Status", "Failed", "Error")]
    [InlineData("RunCloud.SshCredentialRemoval", "Status", "Unconfirmed", "Warning")]
    [InlineData("RunCloud.SshCredentialRemoval", "Status", "Removed", null)]
    [InlineData("RunCloud.SshKeyRevocation", "Status", "Failed", "Error")]
    [InlineData("RunCloud.SshKeyRevocation", "Status", "Unconfirmed", "Warning")]
    [InlineData("RunCloud.SshKeyRevocation", "Status", "Kept", "Warning")]
    [InlineData("RunCloud.SshKeyRevocation", "Status", "Clean", null)]
    [InlineData("RunCloud.SshKeyTest", "Status", "Accepted", "Error")]
    [InlineData("RunCloud.SshKeyTest", "Status", "Refused", null)]
    [InlineData("RunCloud.SshFinding", "Severity", "Critical", "Error")]
    [InlineData("RunCloud.SshFinding", "Severity", "High", "Warning")]
    [InlineData("RunCloud.SshFinding", "Severity", "Medium", null)]
    [InlineData("RunCloud.ConnectionCheck", "Status", "Failed", "Error")]
    [InlineData("RunCloud.ConnectionCheck", "Status", "Passed", null)]
    public async Task Bad_ends_are_in_the_colours_of_the_shell_where_it_has_colours(string type, string property, string value, string? colour)
    {
        foreach (var hasColour in (bool[])[true, false])
        {
            await using var world = await World.StartAsync(_ => { }, shell: new ShellOptions { Colour = hasColour });
            var row = new PSObject();
            row.Properties.Add(new PSNoteProperty(property, value));
            row.TypeNames.Insert(0, type);
            world.Shell.SetVariable("row", row);
            var codes = (await world.MustAsync("$PSStyle.Formatting.Error, $PSStyle.Formatting.Warning, $PSStyle.Reset")).OutputOf<string>().ToList();
            var screen = await world.ShowAsync("Set-StrictMode -Version Latest; $row");
            var wanted = colour is null || !hasColour ? value : (colour == "Error" ? codes[0] : codes[1]) + value + codes[2];
            Assert.Contains(wanted, screen, StringComparison.Ordinal);
            Assert.Equal(wanted.Length > value.Length, screen.Contains(codes[0] + value, StringComparison.Ordinal) || screen.Contains(codes[1] + value, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_text_of_a_server_reaches_the_screen_raw_whatever_formats_it()
    {
        const string Hostile = "a\u001b[31mb\u202ec\u2028d\u009be";
        await using var world = await World.StartAsync(fleet =>
        {
            var id = fleet.AddServer(Hostile, id: 101).Id;
            fleet.UpdateServer(id, server => server with { Provider = Hostile, OSVersion = Hostile });
            _ = fleet.AddCredential(id, Hostile, Hostile, World.Key(1, Hostile), id: 17);
            _ = fleet.AddUser(id, Hostile + "2", World.Key(4, Hostile));
            fleet.AddSession(id, new FleetSession(Hostile, Hostile, Hostile, Hostile, Hostile, Hostile));
        });
        foreach (var script in (string[])[
            "Get-RunCloudServer", "Get-RunCloudServer | Get-RunCloudSshCredential", "Get-RunCloudServer | Get-RunCloudSshSession", "Get-RunCloudServer | Get-RunCloudSystemUser",
            "Get-RunCloudSshKey", "Test-RunCloudSshAccess", "Revoke-RunCloudSshKey (Get-RunCloudSshKey) -WhatIf", "Get-RunCloudServer | Get-RunCloudSshCredential | Remove-RunCloudSshCredential -PassThru -Confirm:$false"])
        {
            var result = await world.RunAsync("$WarningPreference = 'SilentlyContinue'; " + script);
            Assert.NotEmpty(result.Output);
            Assert.All(result.Output.SelectMany(Texts), text => Assert.DoesNotContain(text, c => c is '\u001b' or '\u202e' or '\u2028' or '\u009b'));
        }

        static IEnumerable<string> Texts(PSObject item) => item.Properties.Select(property => property.Value).SelectMany(value => value switch
        {
            string text => [text],
            string[] texts => texts,
            Array items => items.Cast<object>().SelectMany(one => Texts(PSObject.AsPSObject(one))),
            _ => Enumerable.Empty<string>(),
        }).Append(item.ToString());
    }

    private static string NameOf(XElement view) => view.Descendants("TypeName").First().Value;
}
