namespace Spawner;

/// <summary>Remembers which kernels were stopped on purpose, for those who wait for them. The oldest are forgotten beyond the bound: nobody waits that long.</summary>
internal sealed class StoppedKernels
{
    private const int Bound = 4096;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _ids = [];
    private readonly Queue<string> _order = new();

    public void Add(string kernelId)
    {
        lock (_lock)
        {
            if (!_ids.Add(kernelId)) return;
            _order.Enqueue(kernelId);
            if (_order.Count > Bound) _ids.Remove(_order.Dequeue());
        }
    }

    public bool Contains(string kernelId)
    {
        lock (_lock) return _ids.Contains(kernelId);
    }
}
