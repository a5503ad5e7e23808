using System.Management.Automation;
using System.Text;
using RunCloud.Api.Tests.Http;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Cmdlets;

/// <summary>What Connect-RunCloud tells a proxy.</summary>
public sealed class ProxyTests
{
    private const string Connect = "Connect-RunCloud $token -Endpoint https://manage.example.test/api/v3 -MaximumRetryCount 0";

    [Theory]
    [InlineData("-Proxy \"http://$address\" -ProxyCredential $credential", "dave:se:cret/")]
    [InlineData("-Proxy \"http://dave:se%3Acret%2F@$address\"", "dave:se:cret/")]
    [InlineData("-Proxy \"http://$address\"", null)]
    public async Task The_credential_that_was_given_goes_to_the_proxy_and_no_other(string parameters, string? told)
    {
        await using var proxy = new RefusingProxy(407);
        using var shell = new Shell();
        shell.SetVariable("token", World.Secret("token-of-a-workspace"));
        shell.SetVariable("credential", new PSCredential("dave", World.Secret("se:cret/")));
        shell.SetVariable("address", FormattableString.Invariant($"127.0.0.1:{proxy.Port}"));

        var result = await shell.RunAsync($"try {{ {Connect} {parameters} }} catch {{ $_ }}", TestContext.Current.CancellationToken);

        _ = Assert.IsType<ErrorRecord>(Assert.Single(result.Output).BaseObject).MustBe("ProxyRefused", ErrorCategory.PermissionDenied);
        var heads = string.Concat(proxy.Heads);
        Assert.Equal(told is not null, heads.Contains("Proxy-Authorization:", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(told is null ? string.Empty : "Proxy-Authorization: Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(told)), heads, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("token-of-a-workspace", heads, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", result.Screen, StringComparison.Ordinal);
    }
}
