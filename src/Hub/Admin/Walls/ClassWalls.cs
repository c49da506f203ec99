using System.Data.Common;
using Hub.Auth;
using Hub.Classes;
using Hub.Servers;

namespace Hub.Admin.Walls;

/// <summary>
/// Takes the pictures of the walls somebody looks at. What changes every second is in memory; who is in the class and who is signed in is read from the
/// database every few seconds. What it keeps is the pump's alone.
/// </summary>
internal sealed partial class ClassWalls(
    ClassesStore classes, SignInsStore signIns, IRaisedHands hands, ServerRegistry servers, TimeProvider time, ILogger<ClassWalls> logger)
{
    /// <summary>Somebody who joins appears this late at most.</summary>
    private static readonly TimeSpan s_rosterAge = TimeSpan.FromSeconds(2);

    private readonly Dictionary<long, WallRoster> _rosters = [];

    /// <summary>The walls of <paramref name="classIds"/>; tiles equal to those of <paramref name="before"/> are the same objects.</summary>
    public async Task<IReadOnlyDictionary<long, IReadOnlyDictionary<string, WallTile>>> TakeAsync(
        IReadOnlyCollection<long> classIds, IEnumerable<KernelRow> kernels, IReadOnlyDictionary<long, IReadOnlyDictionary<string, WallTile>>? before,
        CancellationToken cancellationToken)
    {
        foreach (long left in _rosters.Keys.Except(classIds).ToArray())
            _rosters.Remove(left);
        Dictionary<long, IReadOnlyDictionary<string, WallTile>> walls = [];
        if (classIds.Count == 0)
            return walls;
        ILookup<string, KernelRow> byUser = kernels.ToLookup(row => row.User, StringComparer.Ordinal);
        foreach (long id in classIds)
        {
            // A class that cannot be read yet has no wall: its panels are told with the next picture.
            if (await RosterAsync(id, cancellationToken) is { } roster)
                walls[id] = Take(id, roster, byUser, before?.GetValueOrDefault(id));
        }
        return walls;
    }

    /// <summary>One wall, read now: for a page that is drawn without scripts.</summary>
    public async Task<IReadOnlyCollection<WallTile>> LookAsync(long classId, IEnumerable<KernelRow> kernels, CancellationToken cancellationToken) =>
        Take(classId, await ReadAsync(classId, cancellationToken), kernels.ToLookup(row => row.User, StringComparer.Ordinal), null).Values;

    private Dictionary<string, WallTile> Take(long id, WallRoster roster, ILookup<string, KernelRow> kernels, IReadOnlyDictionary<string, WallTile>? before)
    {
        Dictionary<string, WallTile> tiles = new(StringComparer.Ordinal);
        foreach (ClassMember student in roster.Students)
        {
            WallTile tile = Tile(id, student, [.. kernels[student.UserName]], roster.SignedIn.Contains(student.UserId));
            tiles[student.UserName] = before is not null && before.TryGetValue(student.UserName, out WallTile? known) && known == tile ? known : tile;
        }
        return tiles;
    }

    private WallTile Tile(long id, ClassMember student, KernelRow[] kernels, bool signedIn)
    {
        if (!student.Reached)
            return new WallTile(student.UserName, student.DisplayName, WallState.Listed, null, null, null, null, 0, null);
        KernelRow? main = WallState.Shown(kernels);
        DateTimeOffset? active = main?.LastActivity;
        if (servers.Find(student.UserName) is var (server, _) && (active is null || server.LastActivity > active))
            active = server.LastActivity.AddTicks(-(server.LastActivity.Ticks % TimeSpan.TicksPerSecond));
        return new WallTile(
            student.UserName, student.DisplayName, WallState.Of(main, signedIn), main is { Path.Length: > 0 } ? main.Path : null, main?.BusySince, active,
            hands.RaisedAt(id, student.UserName), kernels.Count(row => row.State != "dead"), main?.Reason);
    }

    private async Task<WallRoster?> RosterAsync(long id, CancellationToken cancellationToken)
    {
        if (_rosters.TryGetValue(id, out WallRoster? known) && time.GetElapsedTime(known.ReadAt) < s_rosterAge)
            return known;
        try
        {
            return _rosters[id] = await ReadAsync(id, cancellationToken);
        }
        catch (DbException)
        {
            LogAway(logger, id);
            return known;
        }
    }

    private async Task<WallRoster> ReadAsync(long id, CancellationToken cancellationToken)
    {
        List<ClassMember> students = [.. (await classes.ListMembersAsync(id, cancellationToken)).Where(member => !member.Teacher)];
        IReadOnlySet<long> signedIn = students.Count == 0 ? new HashSet<long>() : await signIns.ListPeopleAsync([.. students.Select(student => student.UserId)], cancellationToken);
        return new WallRoster(students, signedIn, time.GetTimestamp());
    }

    [LoggerMessage(1806, LogLevel.Warning, "Who is in class {ClassId} could not be read for its wall; what was read last is shown")]
    private static partial void LogAway(ILogger logger, long classId);
}
