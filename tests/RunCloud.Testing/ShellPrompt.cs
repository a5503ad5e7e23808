namespace RunCloud.Testing;

/// <summary>What kind of question a host was asked to put.</summary>
public enum ShellPromptKind
{
    /// <summary>One of several choices: a confirmation.</summary>
    Choice,

    /// <summary>A line of text.</summary>
    Line,

    /// <summary>A line that is not shown while it is typed.</summary>
    SecretLine,

    /// <summary>Values by name: mandatory parameters that were left out.</summary>
    Fields,

    /// <summary>A name and a password.</summary>
    Credential,
}

/// <summary>One question as the host was asked to put it.</summary>
/// <param name="Kind">What kind of question.</param>
/// <param name="Caption">Its heading; empty if there is none.</param>
/// <param name="Message">Its text; empty if there is none.</param>
/// <param name="Choices">The labels of the choices without their hot keys, or the names of the fields; empty for a line.</param>
/// <param name="DefaultChoice">The index of the choice that plain Enter takes; -1 if there is none.</param>
public sealed record ShellPrompt(ShellPromptKind Kind, string Caption, string Message, IReadOnlyList<string> Choices, int DefaultChoice);
