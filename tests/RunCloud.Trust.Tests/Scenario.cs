using System.Globalization;
using CsCheck;
using RunCloud.Simulator;
using RunCloud.Testing;

namespace RunCloud.Trust.Tests;

/// <summary>What a random run is made of. It tells all of it, so that a failure can be read.</summary>
/// <param name="Servers">The workspace.</param>
/// <param name="Command">What is typed.</param>
/// <param name="ThrottleLimit">How many requests may be under way.</param>
/// <param name="Replies">The answers to the questions, of which the last is given again; none for <c>-Confirm:$false</c>.</param>
/// <param name="Strikes">What goes wrong.</param>
/// <param name="Wire">The form of the API's answers.</param>
internal sealed record Scenario(
    IReadOnlyList<ServerSketch> Servers,
    CommandKind Command,
    int ThrottleLimit,
    IReadOnlyList<Reply> Replies,
    IReadOnlyList<StrikeSketch> Strikes,
    Wire Wire)
{
    /// <summary>The name and the pattern of servers that some commands leave alone.</summary>
    private const string Excluded = "web-1";

    private static readonly string[] Users = ["root", "runcloud", "deploy"];

    /// <summary>Every scenario.</summary>
    internal static Gen<Scenario> Any { get; } = Gen.Select(
        ServerSketch.Any.Array[0, 6],
        Gen.Enum<CommandKind>(),
        Gen.OneOf(1, 2, 8),
        Gen.Enum<Reply>().Array[0, 6],
        StrikeSketch.Any.Array[0, 5],
        Gen.Select(
            Gen.OneOf(TruncatedKeys.Nowhere, TruncatedKeys.InLists),
            Gen.Frequency((3, Gen.Const(PageAccountForm.Pagination)), (2, Gen.OneOf(PageAccountForm.PaginationCamel, PageAccountForm.MetaCamel, PageAccountForm.MetaSnake, PageAccountForm.TopSnake, PageAccountForm.TopCamel))),
            Gen.Bool,
            (keys, account, isText) => new Wire { Keys = keys, Account = account, IsText = isText }),
        (servers, command, throttle, replies, strikes, wire) => new Scenario(servers, command, throttle, replies, strikes, wire));

    private bool IsRevocation => Command >= CommandKind.Revoke;

    private bool IsUpdate => Command is CommandKind.Update or CommandKind.UpdateOfRoot;

    /// <summary>The workspace.</summary>
    internal FleetSnapshot World()
    {
        var fleet = new Fleet();
        var seed = 1;
        for (var at = 0; at < Servers.Count; at++)
        {
            var sketch = Servers[at];
            var server = fleet.AddServer($"{(at % 2 == 0 ? "db" : "web")}-{at}", sketch.Online, sketch.Connected);
            foreach (var (kind, user) in sketch.Rows)
            {
                seed++;
                _ = fleet.AddCredential(server.Id, Users[user], $"key-{seed}", kind switch
                {
                    RowKind.Copy => SmallFleet.Key,
                    RowKind.Disguised => $"no-pty {SmallFleet.Key.Split(' ')[0]} {SmallFleet.Key.Split(' ')[1]}  someone@else",
                    RowKind.Decoy => TestKeys.Line(SshKeyKind.Ecdsa256, seed, "dave@laptop"),
                    RowKind.Unreadable => TestKeys.Unparsable(seed),
                    _ => TestKeys.Line(SshKeyKind.Ed25519, seed),
                }, temporary: seed % 3 == 0);
            }
        }

        return fleet.Snapshot();
    }

    /// <summary>What is typed.</summary>
    /// <param name="world">The workspace, whose ids some commands name.</param>
    internal string Typed(FleetSnapshot world)
    {
        var common = $"-ThrottleLimit {ThrottleLimit} -Context $virtual";
        var confirm = Replies.Count == 0 ? "-Confirm:$false " : string.Empty;
        var find = $"Get-RunCloudServer -Context $virtual | Get-RunCloudSshCredential -Key $key {common}";
        var ids = SmallFleet.IdsOf(world);
        return Command switch
        {
            CommandKind.Verified => $"{find} | Remove-RunCloudSshCredential -Verify -PassThru {confirm}{common}",
            CommandKind.Unverified => $"{find} | Remove-RunCloudSshCredential -PassThru {confirm}{common}",
            CommandKind.OfRoot => $"{find} -User root | Remove-RunCloudSshCredential -Verify -PassThru {confirm}{common}",
            CommandKind.ByIds => $"@({ids}) | Remove-RunCloudSshCredential -PassThru {confirm}{common}",
            CommandKind.ByIdsVerified => $"@({ids}) | Remove-RunCloudSshCredential -Verify -PassThru {confirm}{common}",
            CommandKind.Rehearsed => $"{find} | Remove-RunCloudSshCredential -Verify -PassThru -WhatIf {common}",
            CommandKind.RevokeRehearsed => $"Revoke-RunCloudSshKey -Key $key -UndoPath $undo -WhatIf {common}",
            CommandKind.RevokeSavingFiles => $"Revoke-RunCloudSshKey -Key $key -UndoPath $undo -ReportPath $report {confirm}{common}",
            CommandKind.RevokeButLast => $"Revoke-RunCloudSshKey -Key $key -SkipLastCredential {confirm}{common}",
            CommandKind.RevokeOfRoot => $"Revoke-RunCloudSshKey -Key $key -User root {confirm}{common}",
            CommandKind.RevokeButServer => $"Revoke-RunCloudSshKey -Key $key -ExcludeServer {Excluded} {confirm}{common}",
            CommandKind.RevokePiped => $"Get-RunCloudServer -Name db* -Context $virtual | Revoke-RunCloudSshKey -Key $key {confirm}{common}",
            CommandKind.Update => $"Update-RunCloudSshKey -Key $key -NewPublicKey $newKey {confirm}{common}",
            CommandKind.UpdateOfRoot => $"Update-RunCloudSshKey -Key $key -NewPublicKey $newKey -User root {confirm}{common}",
            _ => $"Revoke-RunCloudSshKey -Key $key {confirm}{common}",
        };
    }

    /// <summary>What the command was to do, as the user agreed to it.</summary>
    /// <param name="world">The workspace before.</param>
    /// <param name="answered">The questions and the answers to them.</param>
    internal Order Order(FleetSnapshot world, IReadOnlyList<(string Question, Reply Reply)> answered) => new()
    {
        Key = SmallFleet.Key,
        NewKey = IsUpdate ? SmallFleet.NewKey : null,
        Servers = Command switch
        {
            CommandKind.RevokeButServer => server => server.Name != Excluded,
            CommandKind.RevokePiped => server => server.Name.StartsWith("db", StringComparison.Ordinal),
            _ => _ => true,
        },
        Copies = Command is CommandKind.OfRoot or CommandKind.RevokeOfRoot or CommandKind.UpdateOfRoot ? copy => copy.User == "root" : _ => true,
        Declined = Declined(world, answered),
        IsCarriedOut = Command is not (CommandKind.Rehearsed or CommandKind.RevokeRehearsed) && !(IsRevocation && Declined(world, answered).Count > 0),
        IsRehearsed = Command is CommandKind.Rehearsed or CommandKind.RevokeRehearsed,
        ListsAgain = Command is not CommandKind.RevokePiped,
        Verifies = Command is not (CommandKind.Unverified or CommandKind.ByIds),
        ReadsLists = Command is not (CommandKind.ByIds or CommandKind.ByIdsVerified),
        AccountsForServers = IsRevocation,
        SavesFiles = Command is CommandKind.RevokeSavingFiles,
        KeepsLast = Command is CommandKind.RevokeButLast,
        NamesUsers = Command is CommandKind.RevokeOfRoot or CommandKind.UpdateOfRoot,
        NamesServers = Command is CommandKind.RevokeButServer,
    };

    /// <summary>Which request goes wrong, and how.</summary>
    internal Func<RecordedRequest, Fault?> Choose()
    {
        var faults = StrikingFaults;
        return request => Strikes.FirstOrDefault(strike => strike.Hits(request.Number)) is { } strike ? faults[strike.Fault % faults.Length] : null;
    }

    /// <summary>The answer to the nth question.</summary>
    internal Reply Answer(int number) => Replies[Math.Min(number, Replies.Count - 1)];

    /// <inheritdoc/>
    public override string ToString() => string.Join('\n',
    [
        $"{Command}, throttle {ThrottleLimit}, {Wire}, answers: {(Replies.Count == 0 ? "not asked" : string.Join(", ", Replies))}",
        .. Servers.Select((server, at) => $"  server {at}: {server}"),
        .. Strikes.Select(strike => $"  {strike} {StrikingFaults[strike.Fault % StrikingFaults.Length].Name}"),
    ]);

    /// <summary>
    /// The faults that may strike here: all but those that nobody can see from the answers, each of which is named with the reason in
    /// <see cref="OutOfReach"/>. Alone the matrix has them too; here two of them could agree on a lie.
    /// </summary>
    private Fault[] StrikingFaults => Wire.HasTotal ? Faults : [.. Faults.Where(fault => !OutOfReach.WithoutTotal.ContainsKey(fault.Name))];

    private Fault[] Faults => IsUpdate ? ForUpdates
        : IsRevocation ? ForRevocations
        : Command is CommandKind.Unverified or CommandKind.ByIds ? ForUnverified
        : ForRemovals;

    private static Fault[] ForRevocations { get; } =
        [.. Fault.Catalogue.Concat(Fault.Slow).Where(fault => !OutOfReach.HidingRows.ContainsKey(fault.Name) && !OutOfReach.SlippingRows.ContainsKey(fault.Name))];

    /// <summary>In a small workspace the row that goes may be the new key, after the last reading.</summary>
    private static Fault[] ForUpdates { get; } = [.. ForRevocations.Where(fault => !OutOfReach.TakingNew.ContainsKey(fault.Name) && fault.Name != Fault.RowGoes.Name)];

    private static Fault[] ForRemovals { get; } =
        ForRevocations;

    private static Fault[] ForUnverified { get; } = [.. ForRemovals.Where(fault => !OutOfReach.Unverified.ContainsKey(fault.Name) && !OutOfReach.Undoing.ContainsKey(fault.Name))];

    private HashSet<long> Declined(FleetSnapshot world, IReadOnlyList<(string Question, Reply Reply)> answered)
    {
        var copies = world.CopiesOf(SmallFleet.Key).Select(copy => copy.Id).ToHashSet();
        if (Command is CommandKind.Rehearsed or CommandKind.RevokeRehearsed)
        {
            return copies;
        }

        if (Replies.Count == 0)
        {
            return [];
        }

        if (IsRevocation)
        {
            return answered is [(_, Reply.No or Reply.NoToAll)] ? copies : [];
        }

        var accepted = answered.Where(entry => entry.Reply is Reply.Yes or Reply.YesToAll).Select(entry => IdIn(entry.Question)).ToHashSet();
        var refused = answered.Where(entry => entry.Reply is Reply.No or Reply.NoToAll).Select(entry => IdIn(entry.Question)).ToHashSet();
        return answered is [.., (_, Reply.NoToAll)] ? [.. copies.Except(accepted)] : refused;
    }

    private static long IdIn(string question) =>
        long.Parse(question.Split("(id ")[1].Split(',')[0], CultureInfo.InvariantCulture);
}

/// <summary>What is typed.</summary>
internal enum CommandKind
{
    Verified,
    Unverified,
    OfRoot,
    ByIds,
    ByIdsVerified,
    Rehearsed,
    Revoke,
    RevokeRehearsed,
    RevokeSavingFiles,
    RevokeButLast,
    RevokeOfRoot,
    RevokeButServer,
    RevokePiped,
    Update,
    UpdateOfRoot,
}

/// <summary>What somebody answers to a question.</summary>
internal enum Reply
{
    Yes,
    No,
    YesToAll,
    NoToAll,
}

/// <summary>What a credential is.</summary>
internal enum RowKind
{
    Copy,
    Disguised,
    Decoy,
    Unreadable,
    Other,
}

/// <summary>A server of a random workspace.</summary>
/// <param name="Online">Whether it answers.</param>
/// <param name="Connected">Whether it was ever linked.</param>
/// <param name="Rows">Its credentials: what each is, and whose.</param>
internal sealed record ServerSketch(bool Online, bool Connected, IReadOnlyList<(RowKind Kind, int User)> Rows)
{
    internal static Gen<ServerSketch> Any { get; } = Gen.Select(
        Gen.Int[0, 9],
        Gen.Select(Gen.Enum<RowKind>(), Gen.Int[0, 2]).Array[0, 8],
        (state, rows) => new ServerSketch(state != 8, state != 9, rows));

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Connected ? string.Empty : "never linked, ")}{(Online ? string.Empty : "offline, ")}{string.Join(' ', Rows.Select(row => $"{row.Kind}/{row.User}"))}";
}

/// <summary>When something goes wrong, and what.</summary>
/// <param name="From">The first request, in the order of their coming.</param>
/// <param name="Length">How many, one after the other.</param>
/// <param name="Fault">The number of the fault, counted round.</param>
internal sealed record StrikeSketch(int From, int Length, int Fault)
{
    internal static Gen<StrikeSketch> Any { get; } = Gen.Select(
        Gen.Int[1, 30], Gen.OneOf(1, 1, 2, 3, 10, 3000), Gen.Int[0, 999], (from, length, fault) => new StrikeSketch(from, length, fault));

    internal bool Hits(int number) => number >= From && number - From < Length;

    /// <inheritdoc/>
    public override string ToString() => $"from request {From}, {Length} times:";
}
