using System.Globalization;

namespace Hub.Kernels.Starting;

/// <summary>How much memory the machine has left, by <c>/proc/meminfo</c>; what kernels may take without anything being swapped or killed.</summary>
public class MachineMemory
{
    /// <summary>Bytes; null where the system does not say.</summary>
    public virtual long? Available
    {
        get
        {
            try
            {
                string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(one => one.StartsWith("MemAvailable:", StringComparison.Ordinal));
                string[]? words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return words is { Length: >= 2 } && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes << 10 : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
