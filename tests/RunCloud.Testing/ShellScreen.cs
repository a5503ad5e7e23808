using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using System.Text;

namespace RunCloud.Testing;

/// <summary>
/// The host's user interface: keeps the text of the screen, the progress records and the questions in the order they came, and answers
/// from a script. Safe to read from any thread while a command runs.
/// </summary>
public sealed class ShellScreen : PSHostUserInterface
{
    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();
    private readonly List<ShellPrompt> _prompts = [];
    private readonly List<ShellProgress> _progress = [];
    private readonly Queue<ShellAnswer> _answers;
    private readonly ShellMode _mode;
    private readonly TextWriter? _echo;
    private readonly TextWriter? _errorEcho;
    private readonly ShellRawScreen _raw;

    internal ShellScreen(ShellOptions options)
    {
        _answers = new Queue<ShellAnswer>(options.Answers);
        _mode = options.Mode;
        _echo = options.Echo;
        _errorEcho = options.ErrorEcho ?? options.Echo;
        _raw = new ShellRawScreen(options.BufferWidth);
        SupportsVirtualTerminal = options.Colour;
    }

    /// <inheritdoc/>
    public override PSHostRawUserInterface RawUI => _raw;

    /// <inheritdoc/>
    public override bool SupportsVirtualTerminal { get; }

    /// <summary>All that was written to the screen so far, one line feed after each line.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>The questions asked so far, the unanswered ones too.</summary>
    public IReadOnlyList<ShellPrompt> Prompts
    {
        get
        {
            lock (_lock)
            {
                return [.. _prompts];
            }
        }
    }

    /// <summary>Hears of each progress record on the pipeline thread, to wait for one; <see langword="null"/> for nobody.</summary>
    public Action<ShellProgress>? ProgressWatch { get; set; }

    /// <summary>The progress records written so far.</summary>
    public IReadOnlyList<ShellProgress> Progress
    {
        get
        {
            lock (_lock)
            {
                return [.. _progress];
            }
        }
    }

    /// <summary>How many scripted answers no question has taken yet.</summary>
    public int AnswersLeft
    {
        get
        {
            lock (_lock)
            {
                return _answers.Count;
            }
        }
    }

    /// <summary>The width of the screen in columns.</summary>
    public int Width
    {
        get => _raw.BufferSize.Width;
        set => _raw.BufferSize = new Size(value, _raw.BufferSize.Height);
    }

    /// <summary>Forgets what was written and asked so far, and the answers that were not needed: for a shell that runs many scripts, none of them now.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _ = _text.Clear();
            _prompts.Clear();
            _progress.Clear();
            _answers.Clear();
        }
    }

    /// <summary>Queues answers behind those that wait already.</summary>
    public void WillAnswer(params ReadOnlySpan<ShellAnswer> answers)
    {
        lock (_lock)
        {
            foreach (var answer in answers)
            {
                _answers.Enqueue(answer);
            }
        }
    }

    /// <inheritdoc/>
    public override void Write(string value) => Put(value);

    /// <inheritdoc/>
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Put(value);

    /// <inheritdoc/>
    public override void WriteLine(string value) => Put(value + "\n");

    /// <inheritdoc/>
    public override void WriteErrorLine(string value) => Put(value + "\n", _errorEcho);

    /// <inheritdoc/>
    public override void WriteDebugLine(string message) => Put("DEBUG: " + message + "\n");

    /// <inheritdoc/>
    public override void WriteVerboseLine(string message) => Put("VERBOSE: " + message + "\n");

    /// <inheritdoc/>
    public override void WriteWarningLine(string message) => Put("WARNING: " + message + "\n");

    /// <inheritdoc/>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        var shown = ShellProgress.From(record);
        lock (_lock)
        {
            _progress.Add(shown);
        }

        ProgressWatch?.Invoke(shown);
    }

    /// <inheritdoc/>
    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        string[] labels = [.. choices.Select(choice => choice.Label.Replace("&", "", StringComparison.Ordinal))];
        var label = Ask<ShellAnswer.ChoiceAnswer>(new(ShellPromptKind.Choice, caption ?? "", message ?? "", labels, defaultChoice)).Label;
        var index = Array.IndexOf(labels, label);
        return index >= 0
            ? index
            : throw new InvalidOperationException($"The scripted answer '{label}' is not offered: {string.Join(", ", labels)}.");
    }

    /// <inheritdoc/>
    public override string ReadLine() => Ask<ShellAnswer.TextAnswer>(new(ShellPromptKind.Line, "", "", [], -1)).Value;

    /// <inheritdoc/>
    public override SecureString ReadLineAsSecureString() =>
        Secure(Ask<ShellAnswer.SecretAnswer>(new(ShellPromptKind.SecretLine, "", "", [], -1)).Value);

    /// <inheritdoc/>
    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        var values = new Dictionary<string, PSObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in descriptions)
        {
            var prompt = new ShellPrompt(ShellPromptKind.Fields, caption ?? "", message ?? "", [field.Name], -1);
            values[field.Name] = Ask<ShellAnswer>(prompt) switch
            {
                ShellAnswer.TextAnswer text => PSObject.AsPSObject(text.Value),
                ShellAnswer.SecretAnswer secret => PSObject.AsPSObject(Secure(secret.Value)),
                ShellAnswer.CredentialAnswer credential => PSObject.AsPSObject(Credential(credential)),
                var other => throw Unfit(prompt, other),
            };
        }

        return values;
    }

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    /// <inheritdoc/>
    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        Credential(Ask<ShellAnswer.CredentialAnswer>(new(ShellPromptKind.Credential, caption ?? "", message ?? "", [], -1)));

    private static PSCredential Credential(ShellAnswer.CredentialAnswer answer) => new(answer.UserName, Secure(answer.Password));

    private static SecureString Secure(string text)
    {
        var secret = new SecureString();
        foreach (var character in text)
        {
            secret.AppendChar(character);
        }

        secret.MakeReadOnly();
        return secret;
    }

    private static InvalidOperationException Unfit(ShellPrompt prompt, ShellAnswer answer) =>
        new($"The scripted answer '{answer}' does not fit a question of the kind {prompt.Kind}.");

    private T Ask<T>(ShellPrompt prompt)
        where T : ShellAnswer
    {
        ShellAnswer? answer = null;
        lock (_lock)
        {
            _prompts.Add(prompt);
            if (_mode == ShellMode.Scripted)
            {
                _ = _answers.TryDequeue(out answer);
            }
        }

        switch (_mode)
        {
            case ShellMode.NonInteractive:
                throw new PSInvalidOperationException("The shell is not interactive: nothing can be asked or read.");
            case ShellMode.NoUserInterface:
                throw new HostException("This host can't ask its user anything. It was to ask: " + prompt.Message);
        }

        // Outside the lock: what decides may look at this very screen.
        Put(QuestionOf(prompt));
        while (answer is ShellAnswer.DecidedAnswer decided)
        {
            answer = decided.Decide(prompt);
        }

        Put(answer + "\n");
        return answer switch
        {
            T fit => fit,
            null => throw new InvalidOperationException($"No answer is scripted for the question '{prompt.Caption}' '{prompt.Message}'."),
            _ => throw Unfit(prompt, answer),
        };
    }

    private static string QuestionOf(ShellPrompt prompt)
    {
        var heading = string.Concat(new[] { prompt.Caption, prompt.Message }.Where(line => line.Length > 0).Select(line => line + "\n"));
        return prompt.Kind switch
        {
            ShellPromptKind.Choice => $"\n{heading}{string.Join("  ", prompt.Choices.Select(choice => $"[{choice}]"))}: ",
            ShellPromptKind.Fields => $"\n{heading}{prompt.Choices[0]}: ",
            _ => heading,
        };
    }

    private void Put(string? text) => Put(text, _echo);

    private void Put(string? text, TextWriter? echo)
    {
        // The engine colours tables whatever the host says it understands.
        var plain = SupportsVirtualTerminal ? text ?? "" : new StringDecorated(text ?? "").ToString(OutputRendering.PlainText);
        var normal = plain.ReplaceLineEndings("\n");
        lock (_lock)
        {
            _ = _text.Append(normal);
            echo?.Write(normal.ReplaceLineEndings());
        }
    }
}
