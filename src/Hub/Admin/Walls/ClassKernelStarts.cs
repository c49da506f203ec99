using System.Collections.Concurrent;
using Hub.Accounts;
using Hub.Classes;
using Hub.Classes.Materials;
using Hub.Http;
using Hub.Kernels;
using Hub.Servers;
using Hub.Sessions;
using Microsoft.Extensions.Options;

namespace Hub.Admin.Walls;

/// <summary>
/// Starts servers and kernels of a whole class, or stops them, <c>Classes:KernelsAtOnce</c> at a time; nothing stops at the first failure. A kernel is tied to
/// the first notebook of the class' folder, so that whoever opens it finds it warm. For a class this is done once at a time.
/// </summary>
internal sealed class ClassKernelStarts(
    ClassesStore classes, AccountsStore accounts, ServerRegistry servers, KernelRegistry kernels, SessionRegistry sessions, ClassNotebooks notebooks,
    IOptions<ClassesOptions> options)
{
    public const string NotJoined = "They have not joined by the code yet.";

    private readonly ConcurrentDictionary<long, bool> _underWay = new();

    /// <summary>One result a student, in the order of the class; null while it is already being done for this class.</summary>
    /// <remarks>Cancelling begins with nobody more; what was begun goes on.</remarks>
    public Task<IReadOnlyList<StudentResult>?> StartAsync(long classId, CancellationToken cancellationToken) => ForEachAsync(classId, StartAsync, cancellationToken);

    /// <summary>As above, for stopping.</summary>
    public Task<IReadOnlyList<StudentResult>?> StopAsync(long classId, CancellationToken cancellationToken) => ForEachAsync(classId, StopAsync, cancellationToken);

    private async Task<IReadOnlyList<StudentResult>?> ForEachAsync(long classId, Func<ClassMember, Task<StudentResult>> act, CancellationToken cancellationToken)
    {
        if (!_underWay.TryAdd(classId, true))
            return null;
        try
        {
            List<ClassMember> students = [.. (await classes.ListMembersAsync(classId, cancellationToken)).Where(member => !member.Teacher)];
            StudentResult[] results = new StudentResult[students.Count];
            ParallelOptions few = new() { MaxDegreeOfParallelism = options.Value.KernelsAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, students.Count, few, async (i, _) => results[i] = students[i].Reached
                ? await act(students[i])
                : new StudentResult(students[i].UserName, "skipped", Message: NotJoined));
            return results;
        }
        finally
        {
            _underWay.TryRemove(classId, out _);
        }
    }

    private async Task<StudentResult> StartAsync(ClassMember student)
    {
        string name = student.UserName;
        if (await accounts.FindAsync(name, CancellationToken.None) is not { Disabled: false })
            return new StudentResult(name, "skipped", Message: "The account is disabled or gone.");
        switch (await servers.TryStartAsync(name, CancellationToken.None))
        {
            case StartOutcome.Stopping:
                return new StudentResult(name, "failed", Message: "The server is just being stopped; try again in a moment.");
            case StartOutcome.NoSuchUser:
                return new StudentResult(name, "skipped", Message: "The account is gone.");
        }
        if (kernels.List(ServerKey.Default(name)).FirstOrDefault(kernel => kernel.Phase != KernelPhase.Dead) is not null)
            return new StudentResult(name, "running");
        KernelOwner owner = new(student.UserId, name);
        string? path = await notebooks.FindFirstAsync(student, CancellationToken.None);
        if (path is null)
            return Result(name, null, await kernels.StartAsync(owner, null, "", "", null, CancellationToken.None));
        SessionWish wish = new(path, path[(path.LastIndexOf('/') + 1)..], "notebook", null, null);
        return await sessions.OpenAsync(owner, wish, CancellationToken.None) switch
        {
            SessionStart.Ready => new StudentResult(name, "started", path),
            SessionStart.NoKernel none => Result(name, path, none.Why),
            _ => new StudentResult(name, "failed", path, "The kernel is gone again."),
        };
    }

    private async Task<StudentResult> StopAsync(ClassMember student) =>
        new(student.UserName, await servers.StopAllAsync(student.UserName, CancellationToken.None) ? "stopped" : "skipped");

    private static StudentResult Result(string name, string? path, KernelStart start) => start switch
    {
        KernelStart.Started => new(name, "started", path),
        KernelStart.UnknownSpec unknown => new(name, "failed", path, unknown.Message),
        KernelStart.Refused refused => new(name, "failed", path, refused.Message),
        KernelStart.BadId bad => new(name, "failed", path, bad.Message),
        KernelStart.Taken taken => new(name, "failed", path, taken.Message),
        KernelStart.Failed failed => new(name, "failed", path, failed.Message),
        _ => new(name, "failed", path),
    };
}
