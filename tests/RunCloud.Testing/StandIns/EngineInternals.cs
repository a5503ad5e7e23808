using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace RunCloud.Testing.StandIns;

/// <summary>
/// The one place that uses the engine's internals, as the real commands do. A
/// copy would test something else than a user's pipeline. The engine's version is pinned, so this can break only at an upgrade.
/// </summary>
internal static class EngineInternals
{
    private const BindingFlags Inner = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly Assembly Engine = typeof(PSCmdlet).Assembly;

    private static readonly ConstructorInfo StopUpstreamException = Engine
        .GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!.GetConstructors(Inner)[0];

    private static readonly MethodInfo SerializeEach =
        typeof(PSSerializer).GetMethod(nameof(PSSerializer.Serialize), Inner, [typeof(IList<object>), typeof(int), typeof(bool)])!;

    private static readonly Type Shapes = Engine.GetType("Microsoft.PowerShell.Commands.Internal.Format.FormatShape", throwOnError: true)!;

    private static readonly ConstructorInfo ShapeFormatter = Engine
        .GetType("Microsoft.PowerShell.Commands.Internal.Format.InnerFormatShapeCommand", throwOnError: true)!.GetConstructor(Inner, [Shapes])!;

    private static readonly MethodInfo ExecutionContextOf = typeof(Runspace).GetProperty("ExecutionContext", Inner)!.GetMethod!;

    private static readonly PropertyInfo ShouldRethrowExit = ExecutionContextOf.ReturnType.GetProperty("ScriptCommandProcessorShouldRethrowExit", Inner)!;

    private static readonly PropertyInfo StreamOf = typeof(PSObject).GetProperty("WriteStream", Inner)!;

    private static readonly FieldInfo Implementation = typeof(FrontEndCommandBase).GetField("implementation", Inner)!;

    /// <summary>What a cmdlet throws to stop the commands before it and let those behind it go on.</summary>
    public static Exception StopUpstream(PSCmdlet asking) => (Exception)StopUpstreamException.Invoke([asking]);

    /// <summary>CLIXML with each object on its own, not as one list.</summary>
    public static string ToCliXml(IList<object> objects, int depth) => (string)SerializeEach.Invoke(obj: null, [objects, depth, true])!;

    /// <summary>Has the <c>exit</c> of the next script file that is run go to the host and not to <c>$LASTEXITCODE</c> alone, as the console program does.</summary>
    public static void HandExitToHost(Runspace runspace) =>
        ShouldRethrowExit.SetValue(ExecutionContextOf.Invoke(runspace, parameters: null), value: true);

    /// <summary>An error record that is shown as one that was written, where and by whom included.</summary>
    public static PSObject AsWritten(ErrorRecord record)
    {
        var written = new PSObject(record);
        StreamOf.SetValue(written, Enum.Parse(StreamOf.PropertyType, "Error"));
        return written;
    }

    /// <summary>Gives a formatting command its formatter.</summary>
    public static void InstallFormatter(FrontEndCommandBase command, string shape) =>
        Implementation.SetValue(command, ShapeFormatter.Invoke([Enum.Parse(Shapes, shape)]));
}
