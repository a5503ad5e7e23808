using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace RunCloud.PowerShell;

/// <summary>An id as it was given: a whole number, or text of digits only. Anything else is kept so that an error can name it.</summary>
public sealed class IdArgument
{
    private readonly object? _given;

    /// <summary>Takes a number.</summary>
    /// <param name="id">The id.</param>
    public IdArgument(long id)
        : this((object)id)
    {
    }

    private IdArgument(object? given)
    {
        _given = ArgumentValue.Unwrap(given);
        Value = Read(_given);
    }

    /// <summary>The id; <see langword="null"/> if the argument is not an id.</summary>
    internal long? Value { get; }

    /// <summary>What was given.</summary>
    /// <returns>For example <c>17</c>, or <c>'1,2'</c> with its quotes if it is not an id.</returns>
    public override string ToString() => Value?.ToString(CultureInfo.InvariantCulture) ?? Shown(_given);

    /// <summary>Accepts anything and never fails: the binder silently ignores a conversion that fails when it binds by property name.</summary>
    internal static IdArgument From(object? given) => given is IdArgument already ? already : new IdArgument(given);

    /// <summary>A value that is not an id, safe to show.</summary>
    internal static string Shown(object? given) => given switch
    {
        null => "null",
        string { Length: 0 } => "'' (an empty text)",
        string text => $"'{Api.ApiText.Clean(text)}'",
        IFormattable number when number.GetType().IsPrimitive => $"{number.ToString(null, CultureInfo.InvariantCulture)} ({number.GetType().Name})",
        _ => $"of type {given.GetType().Name}",
    };

    /// <summary>ASCII digits only. Cultures read signs, blanks, points, commas and the digits of other scripts differently.</summary>
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
        return id > 0 ? id : null;
    }
}

/// <summary>Converts any value to one <see cref="IdArgument"/>; several values are not an id.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneIdAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = ArgumentValue.Unwrap(inputData);
        return IdArgument.From(value is IList { Count: 1 } list ? list[0] : value);
    }
}

/// <summary>Converts any value to <see cref="IdArgument"/>, typed or from the pipeline, one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdArgumentsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = ArgumentValue.Unwrap(inputData);
        return value is IList list ? list.Cast<object?>().Select(IdArgument.From).ToArray() : new[] { IdArgument.From(value) };
    }
}
