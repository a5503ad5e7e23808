namespace RunCloud.Testing;

/// <summary>
/// Environment variables for the length of a scope. They belong to the whole process, so a test that uses this must be in a collection
/// that runs alone (<c>DisableParallelization = true</c>).
/// </summary>
public sealed class EnvironmentVariables : IDisposable
{
    private readonly Dictionary<string, string?> _before = new(StringComparer.Ordinal);

    /// <summary>Sets variables, and puts back on disposal what was there.</summary>
    /// <param name="variables">Names and values; a <see langword="null"/> value takes the variable away.</param>
    public EnvironmentVariables(params ReadOnlySpan<(string Name, string? Value)> variables)
    {
        foreach ((var name, var value) in variables)
        {
            _ = _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((var name, var value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }
}
