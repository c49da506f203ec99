namespace Spawner;

/// <summary>
/// Remembers which kernels were stopped on purpose, for those who wait for them. Known by id and handle: a restarted kernel keeps its
/// id. The oldest are forgotten beyond the bound: nobody waits that long.
/// </summary>
internal sealed class StoppedKernels
{
    private const int Bound = 4096;

    private readonly Lock _lock = new();
    private readonly HashSet<(string, string)> _known = [];
    private readonly Queue<(string, string)> _order = new();

    public void Add(SpawnedKernel kernel)
    {
        lock (_lock)
        {
            if (!_known.Add(KeyOf(kernel))) return;
            _order.Enqueue(KeyOf(kernel));
            if (_order.Count > Bound) _known.Remove(_order.Dequeue());
        }
    }

    public bool Contains(SpawnedKernel kernel)
    {
        lock (_lock) return _known.Contains(KeyOf(kernel));
    }

    private static (string, string) KeyOf(SpawnedKernel kernel) => (kernel.KernelId, kernel.Handle);
}
