using Hub.Contents.FileSystem;
using Microsoft.Extensions.Options;

namespace Hub.Contents;

/// <summary>
/// The threads that touch homes. File system calls cannot be awaited and may take long (a full disk, a slow network volume, a directory of a million
/// files), so they never run on the thread pool, where they would hold up kernels and sockets of everybody. Users take turns: at most
/// <see cref="ContentsOptions.ThreadsPerUser"/> threads work for one, and when <see cref="ContentsOptions.WaitingPerUser"/> of somebody's operations
/// wait already, further ones of theirs are refused with 503. Threads are started when first needed.
/// </summary>
public sealed class ContentThreads(IOptions<ContentsOptions> options) : IDisposable
{
    private readonly object _gate = new();
    private readonly Dictionary<string, Turn> _users = new(StringComparer.Ordinal);
    private readonly Queue<Turn> _ready = new();
    private int _threads;
    private int _idle;
    private bool _disposed;

    /// <summary>Runs <paramref name="work"/> on the open home.</summary>
    /// <exception cref="ContentException">Whatever the work throws, or <see cref="ContentFailure.Busy"/>.</exception>
    internal Task<T> RunAsync<T>(HomeDirectory home, Func<ContentRoot, T> work, CancellationToken cancellationToken) =>
        RunAsync(
            home.UserName,
            () =>
            {
                using ContentRoot root = ContentRoot.Open(home);
                return work(root);
            },
            cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a turn of <paramref name="userName"/>; work that has begun is not interrupted by cancellation.</summary>
    internal Task<T> RunAsync<T>(string userName, Func<T> work, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(userName, () => Complete(done, work, cancellationToken));
        return done.Task;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private static void Complete<T>(TaskCompletionSource<T> done, Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            done.TrySetCanceled(cancellationToken);
            return;
        }
        try
        {
            done.TrySetResult(work());
        }
        catch (OperationCanceledException)
        {
            done.TrySetCanceled(cancellationToken);
        }
        catch (Exception failure)
        {
            done.TrySetException(failure);
        }
    }

    private void Enqueue(string userName, Action job)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_users.TryGetValue(userName, out Turn? user))
                _users.Add(userName, user = new Turn(userName));
            if (user.Waiting.Count >= options.Value.WaitingPerUser)
            {
                throw new ContentException(
                    ContentFailure.Busy, $"More than Contents:WaitingPerUser ({options.Value.WaitingPerUser}) file operations of yours are waiting; try again in a moment");
            }
            user.Waiting.Enqueue(job);
            MakeReady(user);
        }
    }

    /// <summary>Puts a user at the end of the line, once, if there is something to do that may be done now.</summary>
    private void MakeReady(Turn user)
    {
        if (user.InLine || user.Waiting.Count == 0 || user.Running >= options.Value.ThreadsPerUser)
            return;
        user.InLine = true;
        _ready.Enqueue(user);
        if (_idle > 0)
        {
            Monitor.Pulse(_gate);
        }
        else if (_threads < options.Value.Threads)
        {
            _threads++;
            new Thread(Work) { IsBackground = true, Name = "contents" }.Start();
        }
    }

    private void Work()
    {
        while (Next() is var (user, job))
        {
            job();
            lock (_gate)
            {
                user.Running--;
                MakeReady(user);
                if (user.Running == 0 && user.Waiting.Count == 0)
                    _users.Remove(user.Name);
            }
        }
    }

    private (Turn User, Action Job)? Next()
    {
        lock (_gate)
        {
            while (_ready.Count == 0)
            {
                if (_disposed)
                    return null;
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }
            Turn user = _ready.Dequeue();
            user.InLine = false;
            user.Running++;
            Action job = user.Waiting.Dequeue();
            MakeReady(user);
            return (user, job);
        }
    }

    private sealed class Turn(string name)
    {
        public string Name { get; } = name;

        public Queue<Action> Waiting { get; } = new();

        public int Running { get; set; }

        public bool InLine { get; set; }
    }
}
