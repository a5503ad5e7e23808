using RunCloud.Api;

namespace RunCloud;

/// <summary>The SSH settings of a server, as <c>GET /servers/{id}/settings/ssh</c> describes it. Immutable.</summary>
/// <remarks>A property is <see langword="null"/> if the API gave nothing or something unreadable.</remarks>
public sealed class SshSetting : IOriginated
{
    internal SshSetting(long serverId) => ServerId = serverId;

    /// <summary>The id of the server.</summary>
    public long ServerId { get; }

    /// <summary>The name of that server; <see langword="null"/> if only its id was known to the command that read the settings.</summary>
    public string? ServerName { get; internal init; }

    /// <summary>
    /// Whether only keys are accepted: <see langword="true"/> means that passwords are refused, <see langword="false"/> that a password
    /// gives access whatever keys are removed (<c>passwordlessLogin</c>).
    /// </summary>
    public bool? PasswordlessLogin { get; internal init; }

    /// <summary>Whether the server looks up the host name of a client (<c>useDns</c>).</summary>
    public bool? UseDns { get; internal init; }

    /// <summary>Whether root is refused (<c>preventRootLogin</c>).</summary>
    public bool? PreventRootLogin { get; internal init; }

    /// <inheritdoc/>
    Origin? IOriginated.Origin { get; set; }

    /// <summary>The server and its settings.</summary>
    /// <returns>For example <c>web-01 (id 101): PasswordlessLogin True, UseDns False, PreventRootLogin True</c>.</returns>
    public override string ToString() =>
        $"{SshCredential.ServerText(ServerId, ServerName)}: {nameof(PasswordlessLogin)} {Text(PasswordlessLogin)}, {nameof(UseDns)} {Text(UseDns)}, {nameof(PreventRootLogin)} {Text(PreventRootLogin)}";

    /// <summary>A setting's value as text.</summary>
    internal static string Text(bool? value) => value?.ToString() ?? "unknown";
}

/// <summary>The SSH settings to store for a server. The API takes all three at once. Immutable.</summary>
public sealed record NewSshSetting
{
    /// <summary>Whether only keys are accepted: <see langword="true"/> means that passwords are refused.</summary>
    public required bool PasswordlessLogin { get; init; }

    /// <summary>Whether the server looks up the host name of a client.</summary>
    public required bool UseDns { get; init; }

    /// <summary>Whether root is refused.</summary>
    public required bool PreventRootLogin { get; init; }

    /// <summary>The settings that differ, for example <c>PreventRootLogin is False</c>; empty if none does.</summary>
    internal IReadOnlyList<string> Differences(SshSetting present) =>
        [.. Compared(present).Where(one => one.Has != one.ShallHave).Select(one => $"{one.Name} is {SshSetting.Text(one.Has)}")];

    /// <summary>The changes to make, for example <c>PreventRootLogin from False to True</c>; empty if there are none.</summary>
    internal IReadOnlyList<string> Changes(SshSetting present) =>
        [.. Compared(present).Where(one => one.Has != one.ShallHave).Select(one => $"{one.Name} from {SshSetting.Text(one.Has)} to {one.ShallHave}")];

    private (string Name, bool? Has, bool ShallHave)[] Compared(SshSetting present) =>
    [
        (nameof(PasswordlessLogin), present.PasswordlessLogin, PasswordlessLogin),
        (nameof(UseDns), present.UseDns, UseDns),
        (nameof(PreventRootLogin), present.PreventRootLogin, PreventRootLogin),
    ];
}
