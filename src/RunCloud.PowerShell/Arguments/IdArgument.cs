using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>An id as it was given: a whole number, or a text of digits only. Anything else is kept to be named in an error.</summary>
public sealed class IdArgument
{
    private readonly object? given;

    /// <summary>Takes a number.</summary>
    /// <param name="id">The id.</param>
    public IdArgument(long id)
        : this((object)id)
    {
    }

    private IdArgument(object? given)
    {
        this.given = given is PSObject wrapped ? wrapped.BaseObject : given;
        Value = Read(this.given);
    }

    /// <summary>The id; <see langword="null"/> where what was given is none.</summary>
    internal long? Value { get; }

    /// <summary>What was given.</summary>
    /// <returns>For example <c>17</c>, or <c>'1,2'</c> with its quotes where it is no id.</returns>
    public override string ToString() => Value?.ToString(CultureInfo.InvariantCulture) ?? Shown(given);

    /// <summary>Takes whatever was given, and never fails: a conversion that fails by property name is dropped by the binder in silence.</summary>
    internal static IdArgument From(object? given) => given is IdArgument already ? already : new IdArgument(given);

    /// <summary>A value that is no id, fit to show.</summary>
    internal static string Shown(object? given) => given switch
    {
        null => "null",
        string { Length: 0 } => "'' (an empty text)",
        string text => $"'{Api.ApiText.Clean(text)}'",
        IFormattable number when number.GetType().IsPrimitive => $"{number.ToString(null, CultureInfo.InvariantCulture)} ({number.GetType().Name})",
        _ => $"of type {given.GetType().Name}",
    };

    /// <summary>The digits of Unicode's other scripts and every sign, blank, point and comma make it none: cultures read those differently.</summary>
    private static long? Read(object? given)
    {
        var id = given switch
        {
            long or int or short or sbyte or byte or ushort or uint => Convert.ToInt64(given, CultureInfo.InvariantCulture),
            ulong number when number <= long.MaxValue => (long)number,
            string { Length: > 0 } text when text.All(c => c is >= '0' and <= '9')
                && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var read) => read,
            _ => 0L,
        };
        return id > 0 && given is not Enum ? id : null;
    }
}

/// <summary>Makes one <see cref="IdArgument"/> of whatever is given; several are no id.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneIdAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return IdArgument.From(value is IList { Count: 1 } list ? list[0] : value);
    }
}

/// <summary>Makes <see cref="IdArgument"/> of whatever is given, typed or from the pipeline, one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdArgumentsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IList list ? list.Cast<object?>().Select(IdArgument.From).ToArray() : new[] { IdArgument.From(value) };
    }
}
