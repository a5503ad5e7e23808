using Xunit;
using static RunCloud.Api.Tests.Http.TestClient;
using static RunCloud.Api.Tests.Revocation.RevocationWorld;

namespace RunCloud.Api.Tests.Revocation;

/// <summary>The number of requests that the plan tells is the number that is sent.</summary>
public sealed class EstimateTests
{
    public static TheoryData<int, bool, bool, bool, bool> Jobs { get; } =
    [
        .. from rows in (int[])[3, 39, 40, 42]
           from replaces in (bool[])[false, true]
           from savesUndo in (bool[])[false, true]
           select new TheoryDataRow<int, bool, bool, bool, bool>(rows, replaces, savesUndo, rows != 39, rows == 42),
    ];

    [Theory]
    [MemberData(nameof(Jobs))]
    public async Task The_plan_tells_as_many_requests_as_are_sent(int rows, bool replaces, bool savesUndo, bool inspects, bool isGiven)
    {
        await using var world = await StartAsync(fleet =>
        {
            foreach (var (id, isOnline) in (ReadOnlySpan<(long, bool)>)[(101, true), (102, false), (103, true), (104, true)])
            {
                _ = fleet.AddServer(FormattableString.Invariant($"web-{id}"), online: isOnline, id: id);
                for (var row = id == 104 ? 1 : 4; row <= rows; row++)
                {
                    _ = fleet.AddCredential(id, "root", FormattableString.Invariant($"eve-{row}"), Key(2));
                }
            }

            // Two users, one of whom has the new key already, and a user with two copies.
            _ = fleet.AddCredential(101, "root", "dave", Old);
            _ = fleet.AddCredential(101, "deploy", "dave-2", Old);
            _ = fleet.AddCredential(101, "deploy", "dave-3", New);
            _ = fleet.AddCredential(102, "root", "dave", Old);
            _ = fleet.AddCredential(103, "root", "dave", Old);
            _ = fleet.AddCredential(103, "root", "dave-2", Old);
        });
        using var job = world.Job(replaces ? Replacement : Removal, isGiven ? [(101, null), (102, null), (103, null), (104, null)] : null);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        var expected = job.ExpectedRequests(savesUndo, inspects);
        world.Requests.Clear();

        _ = savesUndo ? await job.CompleteAsync(Stop).ToListAsync(Stop) : null;
        _ = await CarryAsync(job);
        _ = inspects ? await job.InspectAsync(Stop).ToListAsync(Stop) : null;

        Assert.Equal(expected, world.Requests.Count);
    }

    [Fact]
    public async Task Without_a_copy_only_the_servers_are_listed_again()
    {
        await using var world = await StartAsync(fleet => _ = fleet.AddServer("web-01", id: 101));
        using var job = world.Job(Removal);
        _ = await job.ReadAsync(Stop).ToListAsync(Stop);
        Assert.Equal(1, job.ExpectedRequests(savesUndo: true, inspects: true));
    }
}
