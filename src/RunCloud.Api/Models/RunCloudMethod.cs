namespace RunCloud;

/// <summary>The HTTP methods of the API.</summary>
public enum RunCloudMethod
{
    /// <summary>Reads.</summary>
    Get,

    /// <summary>Adds.</summary>
    Post,

    /// <summary>Replaces.</summary>
    Put,

    /// <summary>Changes.</summary>
    Patch,

    /// <summary>Removes.</summary>
    Delete,
}
