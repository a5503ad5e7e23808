using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace RunCloud.Testing.StandIns;

/// <summary>Stands in for Format-List: the real formatter of the engine, which only lacks its front door.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    /// <summary>Creates the command.</summary>
    public FormatListCommand() => EngineInternals.InstallFormatter(this, "List");
}

/// <summary>Stands in for Format-Table: the real formatter of the engine, which only lacks its front door.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    /// <summary>Creates the command.</summary>
    public FormatTableCommand() => EngineInternals.InstallFormatter(this, "Table");
}
