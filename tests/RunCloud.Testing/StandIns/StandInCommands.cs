using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace RunCloud.Testing.StandIns;

/// <summary>
/// The stand-ins for commands that a real shell has and the engine's package has not. Each does what its namesake does with the few
/// parameters it knows; a parameter it doesn't know is a binding error, never ignored.
/// </summary>
internal static class StandInCommands
{
    /// <summary>All of them, to be added to a session.</summary>
    public static IEnumerable<SessionStateCommandEntry> All { get; } =
    [
        .. from type in typeof(StandInCommands).Assembly.GetTypes()
           let cmdlet = type.GetCustomAttribute<CmdletAttribute>()
           where cmdlet is not null
           select new SessionStateCmdletEntry($"{cmdlet.VerbName}-{cmdlet.NounName}", type, helpFileName: null),
    ];
}
