using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>The one place that turns failures into error records: id, category, and what to do next.</summary>
internal static class Failures
{
    internal static ErrorRecord ToRecord(RunCloudException exception, object? target)
    {
        var (category, advice) = Explain(exception);
        return Record(exception, exception.Error.ToString(), category, target, advice);
    }

    internal static ErrorRecord Record(Exception exception, string id, ErrorCategory category, object? target, string advice)
    {
        var action = Clean(advice);
        return new ErrorRecord(exception, id, category, target)
        {
            ErrorDetails = new ErrorDetails(Shown(Clean(exception.Message), action)) { RecommendedAction = action },
        };
    }

    internal static ErrorRecord NotConnected(string? name) => Record(
        new InvalidOperationException(name is null ? "There is no connection to RunCloud." : $"There is no connection to RunCloud named '{name}'."),
        ErrorIds.NotConnected,
        ErrorCategory.ConnectionError,
        name,
        name is null
            ? ContextTable.Here.IsNewRunspace
                ? $"Each runspace has connections of its own. In ForEach-Object -Parallel or Start-ThreadJob give -Context $using:context, with $context = Get-RunCloudContext before it. Otherwise run Connect-RunCloud, or set the environment variable {ContextTable.TokenVariable}."
                : ContextTable.Here.HasNoDefault
                ? "A Connect-RunCloud or Select-RunCloudContext that failed, or a Disconnect-RunCloud, left no current connection. Run Connect-RunCloud or Select-RunCloudContext, or give -Context."
                : $"Run Connect-RunCloud, or set the environment variable {ContextTable.TokenVariable}."
            : $"Run Connect-RunCloud -Name '{name}', or see Get-RunCloudContext for the existing names.");

    /// <summary>An object of a closed connection. No other connection is used in its place.</summary>
    internal static ErrorRecord ConnectionGone(object item) => Record(
        new InvalidOperationException($"{item} was read through a connection that has since been closed."),
        ErrorIds.NotConnected,
        ErrorCategory.ConnectionError,
        item,
        "Read it again through an open connection (Get-RunCloudContext lists them).");

    /// <summary>A refused token while other workspaces are left to call.</summary>
    internal static ErrorRecord EndsContext(RunCloudException exception, object? target, string context) =>
        ToRecord(new RunCloudException(exception.Error, $"{exception.Message} No more requests are sent through the connection {context}. The others go on.", exception), target);

    /// <summary>An object that remembers no workspace, if several were given.</summary>
    internal static ErrorRecord ContextNotTold(object? item, IEnumerable<Context> wanted) => Record(
        new InvalidOperationException($"{(item is null ? "This" : item)} does not say which of the connections {string.Join(", ", wanted)} to use. Nothing was sent for it."),
        ErrorIds.ContextMismatch,
        ErrorCategory.InvalidArgument,
        item,
        "Give one -Context for ids and for rows of files: an id means another thing in another workspace. Names and objects can go to several.");

    internal static ErrorRecord ContextMismatch(object item, Context home, IEnumerable<Context> wanted) => Record(
        new InvalidOperationException($"{item} was read through the connection {home}, and this command is to call {string.Join(", ", wanted)}. Nothing was sent for it."),
        ErrorIds.ContextMismatch,
        ErrorCategory.InvalidArgument,
        item,
        "Leave out -Context to call the object's own workspace, or read the object through the other connection. The same id means something else in another workspace.");

    internal static ErrorRecord SeveralWorkspaces() => Record(
        new InvalidOperationException("The servers are of several workspaces, and a report or a baseline is of one."),
        ErrorIds.ContextMismatch,
        ErrorCategory.InvalidArgument,
        target: null,
        "Run the command separately for each connection.");

    internal static ErrorRecord InvalidId(string parameter, string given, object? target) => Record(
        new InvalidOperationException($"The {parameter} {given} is not an id: an id consists of digits only. Nothing was sent for it."),
        ErrorIds.InvalidId,
        ErrorCategory.InvalidArgument,
        target,
        "Give each id as a separate number, such as -Id 17, 18. Get-RunCloudServer and Get-RunCloudSshCredential show the ids.");

    internal static ErrorRecord InvalidServerName(string given, object? target) => Record(
        new InvalidOperationException($"Cannot identify a server from {given}. Nothing was sent for it."),
        ErrorIds.InvalidServerName,
        ErrorCategory.InvalidArgument,
        target,
        "Give a server's name, an object from Get-RunCloudServer, or an object with a ServerId. Use -ServerId for a number.");

    internal static ErrorRecord ContextNotFound(string name) => Record(
        new ItemNotFoundException($"There is no context named '{name}' in this runspace."),
        ErrorIds.ContextNotFound,
        ErrorCategory.ObjectNotFound,
        name,
        "Get-RunCloudContext lists the existing contexts.");

    /// <summary>The error of a removal; <see langword="null"/> if it succeeded.</summary>
    internal static ErrorRecord? ToRecord(SshCredentialRemoval removal)
    {
        if (removal.IsGoodEnd || removal.Outcome == RemovalStatus.Planned)
        {
            return null;
        }

        var error = removal.Outcome == RemovalStatus.Unconfirmed ? RunCloudError.RemovalUnconfirmed : removal.Failure?.Error ?? RunCloudError.RemovalFailed;
        var exception = new RunCloudException(error, removal.Message ?? $"{removal}.", removal.Failure);
        return ToRecord(exception, removal.Credential);
    }

    internal static ErrorRecord InvalidPublicKey(SshKeyFormatException exception, object? target) => Record(
        exception,
        exception.HasSeveralKeys ? ErrorIds.SeveralKeys : ErrorIds.InvalidPublicKey,
        ErrorCategory.InvalidArgument,
        exception.Parameter ?? target,
        exception.IsPrivateKey
            ? "It was neither shown nor sent."
            : exception.HasSeveralKeys
            ? "Give the fingerprints of the keys you mean, for example -Key 'SHA256:…', 'SHA256:…', or a file of one key. Nothing was sent."
            : "Give the whole line of the .pub file, the path of that file, or a fingerprint as ssh-keygen -lf prints it.");

    internal static ErrorRecord InvalidProxy(string parameter, string message, string advice) => InvalidParameter(ErrorIds.InvalidProxy, parameter, message, advice);

    internal static ErrorRecord InvalidApiPath(string parameter, string message, string advice) => InvalidParameter(ErrorIds.InvalidApiPath, parameter, message, advice);

    internal static ErrorRecord InvalidBody(string parameter, string message, string advice) => InvalidParameter(ErrorIds.InvalidBody, parameter, message, advice);

    internal static ErrorRecord SystemUserNotFound(string name, int servers) => Record(
        new ItemNotFoundException(FormattableString.Invariant($"-User: none of the {servers} servers has a system user named '{name}'. Nothing was changed.")),
        ErrorIds.SystemUserNotFound,
        ErrorCategory.ObjectNotFound,
        name,
        "Get-RunCloudSystemUser lists the users of a server.");

    internal static ErrorRecord OpenSshNotFound() => Record(
        new ItemNotFoundException("There is no OpenSSH client (ssh) on this machine's PATH, so no server was asked."),
        ErrorIds.OpenSshNotFound,
        ErrorCategory.ObjectNotFound,
        "ssh",
        "Install it: the package openssh-client on Linux, the optional feature 'OpenSSH Client' on Windows. macOS includes it.");

    internal static ErrorRecord NoKeyToTest(object target) => Record(
        new InvalidOperationException($"There is no whole public key to test ({target}): a fingerprint cannot be offered to a server. Nothing was sent for it."),
        ErrorIds.InvalidPublicKey,
        ErrorCategory.InvalidArgument,
        target,
        "Give -Key the line or the path of the .pub file. -Key is not needed for rows of Revoke-RunCloudSshKey that contain whole keys.");

    internal static ErrorRecord InvalidPath(ArgumentException exception) => Record(
        exception, ErrorIds.InvalidPath, ErrorCategory.InvalidArgument, exception.ParamName, "Give the path of a file in a folder that exists.");

    internal static ErrorRecord UndoPathExists(string path) => Record(
        new IOException($"The file {path} already exists. It may be the undo file of an earlier run, so it was not overwritten."),
        ErrorIds.UndoPathExists,
        ErrorCategory.ResourceExists,
        path,
        "Give -UndoPath another name.");

    internal static ErrorRecord UndoNotSaved(Exception exception, string path) => Record(
        new IOException($"The credentials to be removed could not be saved to {path}, so nothing was changed: {exception.Message}", exception),
        ErrorIds.UndoNotSaved,
        ErrorCategory.WriteError,
        path,
        "Give -UndoPath a path where a file can be written.");

    internal static ErrorRecord ReportNotSaved(Exception exception, string path) => Record(
        new IOException($"The report could not be saved to {path}: {exception.Message}", exception),
        ErrorIds.ReportNotSaved,
        ErrorCategory.WriteError,
        path,
        "The results are in the output and the errors of this command.");

    internal static ErrorRecord BaselineMismatch(string path, string problem) => Record(
        new InvalidOperationException($"The file '{path}' {problem}, so it cannot be used as the baseline. Nothing was sent."),
        ErrorIds.BaselineMismatch,
        ErrorCategory.InvalidData,
        path,
        "Give -Baseline the .json report of an earlier Test-RunCloudSshAccess of this workspace, or leave it out.");

    internal static ErrorRecord InvalidRule(string message) => Record(
        new InvalidOperationException(message),
        ErrorIds.InvalidRule,
        ErrorCategory.InvalidArgument,
        "Rule",
        "Give that parameter too, or leave the rule out.");

    internal static ErrorRecord ConfirmationUnavailable(string target, Exception? inner) => Record(
        new InvalidOperationException($"This session cannot ask for confirmation, so nothing was done to {target}.", inner),
        ErrorIds.ConfirmationUnavailable,
        ErrorCategory.InvalidOperation,
        target,
        "Try the command with -WhatIf first. To run it without a prompt, add -Confirm:$false.");

#if NET
    /// <summary>PowerShell 7 shows RecommendedAction by itself.</summary>
    private static string Shown(string message, string _) => message;
#else
    /// <summary>Windows PowerShell shows only the message.</summary>
    private static string Shown(string message, string action) => $"{message} {action}";
#endif

    /// <summary>Text on one line, safe for a terminal: it may contain an argument, or the name of a file or a server.</summary>
    private static string Clean(string text) => ApiText.Visible(text, static _ => "\uFFFD");

    /// <summary>What to do about a failure.</summary>
    internal static string AdviceFor(RunCloudException exception) => Explain(exception).Advice;

    private static ErrorRecord InvalidParameter(string id, string parameter, string message, string advice) =>
        Record(new ArgumentException(message, parameter), id, ErrorCategory.InvalidArgument, parameter, advice);

    private static (ErrorCategory Category, string Advice) Explain(RunCloudException exception) => exception.Error switch
    {
        RunCloudError.Unauthorized => (
            ErrorCategory.AuthenticationError,
            "Either the token is wrong or revoked (Workspace > Settings > API Management), or this machine's IP address is not on the workspace's API allow-list. RunCloud gives the same answer in both cases."),
        RunCloudError.Forbidden => (
            ErrorCategory.PermissionDenied,
            "Check that the plan includes the API (Business or Enterprise), the permissions of the token's team, and whether the monthly quota of requests is spent."),
        RunCloudError.ServerNotFound => (ErrorCategory.ObjectNotFound, "Get-RunCloudServer lists the servers that this token can see."),
        RunCloudError.SshCredentialNotFound => (ErrorCategory.ObjectNotFound, "Get-RunCloudSshCredential lists what is on the server now."),
        RunCloudError.ValidationFailed => (
            ErrorCategory.InvalidArgument,
            "Correct the values named above. A label must be unique on its server and may contain only letters, digits, - and _. The user must exist there."),
        RunCloudError.RequestRejected => (ErrorCategory.InvalidOperation, "Check the endpoint (Get-RunCloudContext); -Verbose shows each request."),
        RunCloudError.RateLimited => (
            ErrorCategory.LimitsExceeded,
            "Run the command again after that time. If the error remains after a full window, the monthly quota may be spent. Connect-RunCloud -MaximumWaitSec sets how long commands wait."),
        RunCloudError.ServerError => (ErrorCategory.ResourceUnavailable, "RunCloud returned a server error. Try again later."),
        RunCloudError.InvalidResponse => (
            ErrorCategory.ProtocolError,
            "Something other than the API may have answered (a proxy, a challenge for browsers, a login page, an outage): check the endpoint and run the command again."),
        RunCloudError.IncompleteList => (ErrorCategory.InvalidResult, "Run the command again. Until it succeeds, treat everything it named as not checked."),
        RunCloudError.ConnectionFailed => (ErrorCategory.ConnectionError, "Check the network, the proxy (Connect-RunCloud -Proxy) and the endpoint, and run the command again."),
        RunCloudError.ProxyRefused => (
            ErrorCategory.PermissionDenied,
            "The proxy answered, not RunCloud. Give its credential with Connect-RunCloud -ProxyCredential or -ProxyUseDefaultCredentials, or ask the proxy's administrator to let this machine reach RunCloud."),
        RunCloudError.RequestTimeout => (ErrorCategory.OperationTimeout, "Run the command again, or allow more time with Connect-RunCloud -TimeoutSec."),
        RunCloudError.InsecureEndpoint => (ErrorCategory.SecurityError, "Use an https address. http is allowed for this machine only (loopback)."),
        RunCloudError.InvalidEndpoint => (ErrorCategory.InvalidArgument, $"Correct -Endpoint or the environment variable {ContextTable.EndpointVariable}."),
        RunCloudError.InvalidToken => (ErrorCategory.InvalidArgument, "Copy the token again from Workspace > Settings > API Management."),
        RunCloudError.RemovalFailed => (ErrorCategory.InvalidResult, "The key still lets its holder in: remove it in the RunCloud dashboard, or on the server itself."),
        RunCloudError.LastCredentialKept => (
            ErrorCategory.InvalidOperation, "Give the user another key first, or run the command without -SkipLastCredential."),
        RunCloudError.ServerUnreachable => (
            ErrorCategory.ResourceUnavailable, "Run the command again when the server is back. Until then the old key still lets its holder in."),
        RunCloudError.AdditionUnconfirmed => (
            ErrorCategory.InvalidResult, "Look at the server's keys (Get-RunCloudSshCredential) and run the command again: an existing credential is not added twice."),
        RunCloudError.TemporaryNotApplied => (
            ErrorCategory.InvalidResult, "Remove the credential by hand when it is no longer needed (Remove-RunCloudSshCredential): it may not expire by itself."),
        RunCloudError.SshCredentialNotComparable => (ErrorCategory.InvalidData, "Look at this credential in the RunCloud dashboard and decide by hand."),
        RunCloudError.SettingNotApplied => (
            ErrorCategory.InvalidResult,
            "Look at the server's SSH settings in the RunCloud dashboard. If the server is offline, run the command again when it is back."),
        RunCloudError.DeploymentKeyNotComparable => (ErrorCategory.InvalidData, "Look at this user's deployment key in the RunCloud dashboard and decide by hand."),
        _ => (ErrorCategory.InvalidResult, "If an answer was lost, run the command again. If the server was offline, look into its authorized_keys files when it is back: RunCloud no longer lists the key."),
    };
}
