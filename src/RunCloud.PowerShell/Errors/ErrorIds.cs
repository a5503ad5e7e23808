using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>The error ids that only the cmdlets give. The others are the names of <see cref="RunCloudError"/>.</summary>
/// <remarks>Each must be explained in README.md, in about_RunCloud.md and on the pages of the commands that give it; a test checks that.</remarks>
internal static class ErrorIds
{
    internal const string NotConnected = nameof(NotConnected);
    internal const string ContextNotFound = nameof(ContextNotFound);
    internal const string ContextMismatch = nameof(ContextMismatch);
    internal const string InvalidId = nameof(InvalidId);
    internal const string InvalidServerName = nameof(InvalidServerName);
    internal const string InvalidApiPath = nameof(InvalidApiPath);
    internal const string InvalidBody = nameof(InvalidBody);
    internal const string InvalidPublicKey = nameof(InvalidPublicKey);
    internal const string SeveralKeys = nameof(SeveralKeys);
    internal const string SystemUserNotFound = nameof(SystemUserNotFound);
    internal const string ConfirmationUnavailable = nameof(ConfirmationUnavailable);
    internal const string InvalidPath = nameof(InvalidPath);
    internal const string UndoPathExists = nameof(UndoPathExists);
    internal const string UndoNotSaved = nameof(UndoNotSaved);
    internal const string ReportNotSaved = nameof(ReportNotSaved);
    internal const string InvalidProxy = nameof(InvalidProxy);
    internal const string NothingToSet = nameof(NothingToSet);
    internal const string BaselineMismatch = nameof(BaselineMismatch);
    internal const string InvalidRule = nameof(InvalidRule);
    internal const string OpenSshNotFound = nameof(OpenSshNotFound);
}
