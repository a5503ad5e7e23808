using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary><c>Invoke-RunCloudApi</c>: calls any path of the API, with the same rate limiting, tracing and redaction as every other command.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "RunCloudApi", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(PSObject))]
public sealed class InvokeRunCloudApiCommand : RunCloudApiCommand<ContextArgument[]>
{
    /// <summary>Makes the cmdlet.</summary>
    public InvokeRunCloudApiCommand()
        : base("Calling the RunCloud API")
    {
    }

    /// <summary>The path below the endpoint, for example <c>/servers/101/services</c>.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>The HTTP method. Default: Get.</summary>
    [Parameter(Position = 1)]
    public RunCloudMethod Method { get; set; }

    /// <summary>The body, sent as JSON: a hashtable, an object, a list, or JSON text. Not for Get and Delete.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Body { get; set; }

    /// <summary>The query: names and values.</summary>
    [Parameter]
    [ValidateNotNull]
    [SuppressMessage("Usage", "CA2227:Collection properties should be read only", Justification = "The engine sets parameters.")]
    public IDictionary? Query { get; set; }

    /// <summary>Reads all pages of a list and writes its rows. For Get only.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        Check();
        var body = PlainBody();
        var query = QueryPairs();
        foreach (var client in Clients)
        {
            Invoke(client, query, body);
        }
    }

    private void Invoke(RunCloudClient client, IReadOnlyList<KeyValuePair<string, string>> query, object? body)
    {
        var path = client.PathOf(Path, query) ?? throw Refused(Failures.InvalidApiPath(
            nameof(Path), "The path leads outside the endpoint, or contains characters that are not allowed in a path.", "Write it as the API's documentation does, for example /servers/101/services, and give the query with -Query."));
        if (Method != RunCloudMethod.Get && !IsConfirmed(path, () => ShouldProcess($"{path}{InContext(client)}", RunCloudClient.Spelled(Method))))
        {
            return;
        }

        try
        {
            if (All)
            {
                foreach (var row in Stream(client.InvokeAllAsync(path, Stop)))
                {
                    WriteObject(BodyArgument.Shown(row));
                }
            }
            else if (BodyArgument.Shown(Await(cancellation => client.InvokeAsync(Method, path, body, cancellation))) is { } answer)
            {
                WriteObject(answer, enumerateCollection: true);
            }
        }
        catch (RunCloudException e)
        {
            WriteFailure(client, e, path);
        }
    }

    private void Check()
    {
        if (Method is < RunCloudMethod.Get or > RunCloudMethod.Delete)
        {
            throw Refused(Failures.InvalidApiPath(nameof(Method), "This method is not supported.", "Give Get, Post, Put, Patch or Delete."));
        }

        if (All && Method != RunCloudMethod.Get)
        {
            throw Refused(Failures.InvalidApiPath(nameof(All), "-All reads a list, so it works with Get only.", "Leave out -All or -Method."));
        }

        if (Body is not null && Method is RunCloudMethod.Get or RunCloudMethod.Delete)
        {
            throw Refused(Failures.InvalidBody(nameof(Body), $"{RunCloudClient.Spelled(Method)} takes no body.", "Give -Method Post, Put or Patch, or give the values with -Query."));
        }
    }

    private object? PlainBody()
    {
        try
        {
            return Body is null ? null : BodyArgument.Plain(Body);
        }
        catch (ArgumentException e)
        {
            throw Refused(Failures.InvalidBody(nameof(Body), $"-Body cannot be sent as JSON: {e.Message}", "Give a hashtable, a PSCustomObject, a list of them, or JSON text."));
        }
    }

    private List<KeyValuePair<string, string>> QueryPairs()
    {
        try
        {
            return [.. (Query ?? new Hashtable()).Cast<DictionaryEntry>()
                .Select(entry => new KeyValuePair<string, string>(BodyArgument.Text(entry.Key), BodyArgument.Text(entry.Value)))
                .Where(pair => !All || pair.Key is not ("page" or "perPage"))];
        }
        catch (ArgumentException e)
        {
            throw Refused(Failures.InvalidApiPath(nameof(Query), $"-Query cannot be sent: {e.Message}", "Give each name one text, number or Boolean."));
        }
    }

    /// <summary>Ends the command before anything is sent.</summary>
    private PipelineStoppedException Refused(ErrorRecord record)
    {
        ThrowTerminatingError(record);
        return new PipelineStoppedException();
    }
}
