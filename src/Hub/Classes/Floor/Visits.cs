using System.Globalization;
using System.Security.Cryptography;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Floor;

/// <summary>
/// Open doors between teachers and students. A visit gives its teacher <c>access:servers</c> for that one student's default server, and nothing a moment longer than it lives: until its
/// class ends, its time is over, or no page of the teacher's is open there. What the teacher may do is kept here by (teacher, student) and not by anything a
/// page carries, so that no page can lose it. The student is told while the teacher may be inside. In memory alone: a hub that restarts has shut every door.
/// </summary>
internal sealed class Visits(EventStream events, TimeProvider time, IOptions<ClassesOptions> options) : BackgroundService, IScopeSource
{
    private const int MostShut = 10_000;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Teacher, string Student), Door> _doors = [];
    private readonly HashSet<(string Teacher, string Student)> _shut = [];
    private volatile bool _any;
    private volatile bool _anyShut;
    private long _lastSocket;

    /// <summary>Opens the door; one that is open between the two shuts, with all the teacher has open there.</summary>
    public async Task<Visit> OpenAsync(Class one, Caller teacher, ClassMember student, VisitRole role)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset until = now.AddMinutes(options.Value.VisitMinutes);
        if (one.Closes is { } closes && closes < until)
            until = closes;
        Visit visit = new(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), one.Id, teacher.UserName, teacher.DisplayName, student.UserName, student.DisplayName, role, now, until);
        await EndAsync((teacher.UserName, student.UserName), "replaced", remember: false);
        lock (_lock)
        {
            _doors[(teacher.UserName, student.UserName)] = new Door(visit) { Deadline = now.AddSeconds(options.Value.VisitOpenSeconds) };
            _shut.Remove((teacher.UserName, student.UserName));
            _any = true;
        }
        await TellAsync(visit, "opened", concernsPage: false);
        return visit;
    }

    /// <summary>The visit by which <paramref name="teacher"/> is at <paramref name="student"/>'s; null when there is none.</summary>
    public Visit? Find(string teacher, string student)
    {
        if (!_any)
            return null;
        lock (_lock)
            return _doors.GetValueOrDefault((teacher, student)) is { } door && time.GetUtcNow() < door.Visit.Until ? door.Visit : null;
    }

    /// <summary>Visits in one class.</summary>
    public IReadOnlyList<Visit> List(long classId)
    {
        lock (_lock)
            return [.. _doors.Values.Select(door => door.Visit).Where(visit => visit.ClassId == classId).OrderBy(visit => visit.Since)];
    }

    /// <summary>Who is at a student's just now; not those who have not come in yet.</summary>
    public IReadOnlyList<Visit> At(string student)
    {
        if (!_any)
            return [];
        lock (_lock)
            return [.. _doors.Values.Where(door => door.Inside && door.Visit.Student == student).Select(door => door.Visit).OrderBy(visit => visit.Since)];
    }

    /// <summary>A request of the visit's teacher: they are inside from now on.</summary>
    /// <param name="opensPage">A page is being opened, which needs some time until it speaks.</param>
    public async Task NoteRequestAsync(Visit visit, bool opensPage)
    {
        bool comesIn = false;
        lock (_lock)
        {
            if (DoorOf(visit) is not { } door)
                return;
            comesIn = !door.Inside;
            door.Inside = true;
            DateTimeOffset deadline = time.GetUtcNow().AddSeconds(opensPage ? options.Value.VisitOpenSeconds : options.Value.VisitGraceSeconds);
            // A page that has spoken is there: from then on its silence is what counts.
            if (opensPage || deadline > door.Deadline)
                door.Deadline = deadline;
        }
        if (comesIn)
            await TellAsync(visit, "began");
    }

    /// <summary>A socket of the visit's teacher is open, until the result is disposed; <paramref name="end"/> is called when the visit ends before.</summary>
    public IDisposable Connect(Visit visit, Action end)
    {
        long number = Interlocked.Increment(ref _lastSocket);
        bool late;
        lock (_lock)
        {
            Door? door = DoorOf(visit);
            door?.Sockets.Add(number, end);
            late = door is null;
        }
        if (late)
            end();
        return new Connected(this, visit, number);
    }

    /// <summary>Ends one visit by its id; false when there is none in this class.</summary>
    public async Task<bool> EndAsync(long classId, string visitId)
    {
        (string, string)? pair;
        lock (_lock)
            pair = _doors.Values.FirstOrDefault(door => door.Visit.ClassId == classId && door.Visit.Id == visitId) is { } door ? (door.Visit.Teacher, door.Visit.Student) : null;
        return pair is { } found && await EndAsync(found, "ended");
    }

    /// <summary>Ends what somebody has to do with visits, as teacher or student, in one class or all.</summary>
    public Task EndOfAsync(long? classId, string userName) =>
        EndWhereAsync(visit => (classId is null || visit.ClassId == classId) && (visit.Teacher == userName || visit.Student == userName), "left the class");

    public Task EndAllAsync(long classId) => EndWhereAsync(visit => visit.ClassId == classId, "class over");

    /// <summary>Did a viewer's visit end whose page may still be there? Until the teacher opens a page anew that page must not become one that may write.</summary>
    public bool IsShut(string teacher, string student)
    {
        if (!_anyShut)
            return false;
        lock (_lock)
            return _shut.Contains((teacher, student));
    }

    /// <summary>The teacher opened a page by other rights of theirs.</summary>
    public void Forget(string teacher, string student)
    {
        lock (_lock)
        {
            _shut.Remove((teacher, student));
            _anyShut = _shut.Count > 0;
        }
    }

    public Task<IReadOnlyList<string>> ScopesOfAsync(long userId, string userName, CancellationToken cancellationToken)
    {
        if (!_any)
            return Task.FromResult<IReadOnlyList<string>>([]);
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<string>>([.. _doors.Values
                .Where(door => door.Visit.Teacher == userName && now < door.Visit.Until)
                .Select(door => string.Create(CultureInfo.InvariantCulture, $"{Scope.AccessServers}!server={ServerKey.Default(door.Visit.Student)}"))]);
        }
    }

    /// <summary>Shuts the doors whose time is over or behind which nobody is any more.</summary>
    internal async Task SweepAsync()
    {
        if (!_any)
            return;
        DateTimeOffset now = time.GetUtcNow();
        List<((string, string) Pair, string Why)> over;
        lock (_lock)
        {
            over = [.. _doors.Where(door => now >= door.Value.Visit.Until || (door.Value.Sockets.Count == 0 && now >= door.Value.Deadline))
                .Select(door => (door.Key, now >= door.Value.Visit.Until ? "time over" : "left"))];
        }
        foreach (((string, string) pair, string why) in over)
            await EndAsync(pair, why);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await SweepAsync();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private Door? DoorOf(Visit visit) => _doors.GetValueOrDefault((visit.Teacher, visit.Student)) is { } door && door.Visit.Id == visit.Id ? door : null;

    private async Task EndWhereAsync(Func<Visit, bool> over, string why)
    {
        List<(string, string)> pairs;
        lock (_lock)
            pairs = [.. _doors.Where(door => over(door.Value.Visit)).Select(door => door.Key)];
        foreach ((string, string) pair in pairs)
            await EndAsync(pair, why);
    }

    private async Task<bool> EndAsync((string Teacher, string Student) pair, string why, bool remember = true)
    {
        Door? door;
        lock (_lock)
        {
            if (!_doors.Remove(pair, out door))
                return false;
            _any = _doors.Count > 0;
            if (remember && door.Visit.Role == VisitRole.Viewer && _shut.Count < MostShut)
                _shut.Add(pair);
            _anyShut = _shut.Count > 0;
        }
        foreach (Action end in door.Sockets.Values)
            end();
        await TellAsync(door.Visit, why);
        return true;
    }

    private void Disconnect(Visit visit, long number)
    {
        lock (_lock)
        {
            if (DoorOf(visit) is not { } door || !door.Sockets.Remove(number) || door.Sockets.Count > 0)
                return;
            // A page that is loaded again is back within this time.
            door.Deadline = time.GetUtcNow().AddSeconds(options.Value.VisitGraceSeconds);
        }
    }

    private ValueTask TellAsync(Visit visit, string what, bool concernsPage = true) =>
        events.PublishAsync(new HubEvent.VisitChanged(time.GetUtcNow(), visit.Student, visit.ClassId, visit.Id, visit.RoleName, what, concernsPage) { By = visit.Teacher });

    /// <summary>A visit, and who is behind its door; guarded by the lock.</summary>
    private sealed class Door(Visit visit)
    {
        public Visit Visit { get; } = visit;

        public bool Inside { get; set; }

        /// <summary>Without an open socket the visit ends then.</summary>
        public DateTimeOffset Deadline { get; set; }

        public Dictionary<long, Action> Sockets { get; } = [];
    }

    private sealed class Connected(Visits visits, Visit visit, long number) : IDisposable
    {
        public void Dispose() => visits.Disconnect(visit, number);
    }
}
