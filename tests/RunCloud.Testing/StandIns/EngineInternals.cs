using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Reflection;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace RunCloud.Testing.StandIns;

/// <summary>
/// The one place that reaches behind the engine's public face, for what the real commands reach by being the engine's friends. A
/// look-alike would test something that no user's pipeline does. The engine's version is pinned, so this breaks at an upgrade or never.
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

    private static readonly FieldInfo Implementation = typeof(FrontEndCommandBase).GetField("implementation", Inner)!;

    /// <summary>What a cmdlet throws to stop the commands before it and let those behind it go on.</summary>
    public static Exception StopUpstream(PSCmdlet asking) => (Exception)StopUpstreamException.Invoke([asking]);

    /// <summary>CLIXML with each object on its own, not as one list.</summary>
    public static string ToCliXml(IList<object> objects, int depth) => (string)SerializeEach.Invoke(obj: null, [objects, depth, true])!;

    /// <summary>Gives a formatting command its formatter.</summary>
    public static void InstallFormatter(FrontEndCommandBase command, string shape) =>
        Implementation.SetValue(command, ShapeFormatter.Invoke([Enum.Parse(Shapes, shape)]));
}
