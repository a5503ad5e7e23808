using System.Collections;
using System.Management.Automation;

using RunCloud.Api;

namespace RunCloud.PowerShell;

/// <summary>An object of this module. It tells a command which server and which workspace it belongs to.</summary>
public sealed class OriginArgument
{
    internal OriginArgument(object given, long serverId)
    {
        Given = given;
        ServerId = serverId;
    }

    internal object Given { get; }

    internal long ServerId { get; }

    /// <summary>What was given.</summary>
    /// <returns>Its text.</returns>
    public override string ToString() => Given.ToString() ?? string.Empty;

    /// <summary>The server that an object of this module belongs to; <see langword="null"/> for a server and for any other object.</summary>
    internal static OriginArgument? From(object? value) => value switch
    {
        SshCredential credential => new OriginArgument(value, credential.ServerId),
        SshCredentialRemoval removal => new OriginArgument(value, removal.ServerId),
        SshKeyRevocation revocation => new OriginArgument(value, revocation.ServerId),
        SshKeyTest test => new OriginArgument(value, test.ServerId),
        SshSession session => new OriginArgument(value, session.ServerId),
        SshSetting setting => new OriginArgument(value, setting.ServerId),
        SystemUser user => new OriginArgument(value, user.ServerId),
        OriginArgument already => already,
        _ => null,
    };

    /// <summary>The server as the object knows it; <see langword="null"/> if it knows only the id.</summary>
    internal static Server? ServerOf(object? value) => value switch
    {
        Server server => server,
        SshCredential credential => credential.Server,
        SshCredentialRemoval removal => removal.Credential.Server,
        SshKeyRevocation revocation => revocation.Server,
        SshKeyTest test => test.Server,
        _ => null,
    };
}

/// <summary>Accepts objects of this module, and leaves everything else to other parameters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OriginArgumentsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        OriginArgument.From(ArgumentValue.Unwrap(inputData)) ?? inputData;
}

/// <summary>Accepts removals in place of their credentials, so that results can be passed on like the credentials themselves.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CredentialOfRemovalAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        ArgumentValue.Unwrap(inputData) is IList list ? list.Cast<object>().Select(CredentialOf).ToArray() : CredentialOf(inputData);

    private static object CredentialOf(object item) => ArgumentValue.Unwrap(item) is SshCredentialRemoval removal ? removal.Credential : item;
}
