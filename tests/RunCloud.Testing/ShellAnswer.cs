namespace RunCloud.Testing;

/// <summary>What a scripted user answers to one question.</summary>
public abstract record ShellAnswer
{
    private ShellAnswer()
    {
    }

    /// <summary>Yes, to this one.</summary>
    public static ShellAnswer Yes { get; } = new ChoiceAnswer("Yes");

    /// <summary>Yes to All.</summary>
    public static ShellAnswer YesToAll { get; } = new ChoiceAnswer("Yes to All");

    /// <summary>No, to this one.</summary>
    public static ShellAnswer No { get; } = new ChoiceAnswer("No");

    /// <summary>No to All.</summary>
    public static ShellAnswer NoToAll { get; } = new ChoiceAnswer("No to All");

    /// <summary>One of the choices offered.</summary>
    /// <param name="label">Its label, without the ampersand of its hot key.</param>
    public static ShellAnswer Choice(string label) => new ChoiceAnswer(label);

    /// <summary>A line typed in the open.</summary>
    public static ShellAnswer Text(string text) => new TextAnswer(text);

    /// <summary>A line typed at a masked prompt.</summary>
    public static ShellAnswer Secret(string secret) => new SecretAnswer(secret);

    /// <summary>A name and a password.</summary>
    public static ShellAnswer Credential(string userName, string password) => new CredentialAnswer(userName, password);

    /// <summary>
    /// Decided when the question is asked, on the pipeline's thread while it waits: to look at the state of things at that moment,
    /// or to throw what some host throws (pwsh with its input closed throws a NullReferenceException at a confirmation).
    /// </summary>
    public static ShellAnswer From(Func<ShellPrompt, ShellAnswer> decide) => new DecidedAnswer(decide);

    // As the screen shows them while they are typed.
    internal sealed record ChoiceAnswer(string Label) : ShellAnswer
    {
        public override string ToString() => Label;
    }

    internal sealed record TextAnswer(string Value) : ShellAnswer
    {
        public override string ToString() => Value;
    }

    internal sealed record SecretAnswer(string Value) : ShellAnswer
    {
        public override string ToString() => "********";
    }

    internal sealed record CredentialAnswer(string UserName, string Password) : ShellAnswer
    {
        public override string ToString() => UserName + " ********";
    }

    internal sealed record DecidedAnswer(Func<ShellPrompt, ShellAnswer> Decide) : ShellAnswer;
}
