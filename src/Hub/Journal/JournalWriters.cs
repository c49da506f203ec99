namespace Hub.Journal;

/// <summary>
/// The threads that bring journals to the disk, begun when the first one is needed. A disk that hangs stops them, and not the threads that serve
/// people. A journal waits in the queue at most once, so the queue is as long as there are journals.
/// </summary>
internal sealed class JournalWriters(int threads) : IDisposable
{
    private readonly Lock _starting = new();
    private readonly Queue<Action> _queue = new();
    private readonly object _gate = new();
    private Thread[] _threads = [];
    private bool _stopping;

    /// <summary>Nothing waits for a thread.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return _queue.Count == 0;
        }
    }

    public void Enqueue(Action work)
    {
        if (_threads.Length == 0)
            Begin();
        lock (_gate)
        {
            _queue.Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends the threads once the queue is empty; waits for none.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Begin()
    {
        lock (_starting)
        {
            if (_threads.Length > 0)
                return;
            _threads = [.. Enumerable.Range(1, threads).Select(n => new Thread(Run) { IsBackground = true, Name = $"journal {n}" })];
            foreach (Thread thread in _threads)
                thread.Start();
        }
    }

    private void Run()
    {
        while (true)
        {
            Action work;
            lock (_gate)
            {
                while (_queue.Count == 0)
                {
                    if (_stopping)
                        return;
                    Monitor.Wait(_gate);
                }

                work = _queue.Dequeue();
            }

            work();
        }
    }
}
