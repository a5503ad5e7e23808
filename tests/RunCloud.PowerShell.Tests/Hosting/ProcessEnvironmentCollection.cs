using Xunit;

namespace RunCloud.PowerShell.Tests.Hosting;

/// <summary>The collection of the tests that set environment variables: no other test runs in the meantime.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessEnvironmentCollection
{
    /// <summary>Its name, for <see cref="CollectionAttribute"/>.</summary>
    public const string Name = "Process environment";
}
