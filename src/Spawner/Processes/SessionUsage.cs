using System.Globalization;

namespace Spawner.Processes;

/// <summary>Sums up <c>/proc</c> by session: every kernel leads one, and what it starts stays in it unless it asks for one of its own.</summary>
internal static class SessionUsage
{
    /// <summary>The kernel's unit of time in <c>stat</c>; 100 on every Linux that .NET runs on (USER_HZ is fixed for programs).</summary>
    private const long TicksPerSecond = 100;

    /// <summary>By session, of all processes that can be seen. About 15 µs per process.</summary>
    public static Dictionary<int, KernelUsage> ReadAll()
    {
        Dictionary<int, KernelUsage> bySession = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(directory[^1]) || Read(Path.Combine(directory, "stat")) is not var (session, usage))
                continue;
            bySession[session] = bySession.TryGetValue(session, out KernelUsage? sum)
                ? new KernelUsage(sum.MemoryBytes + usage.MemoryBytes, sum.ProcessorTime + usage.ProcessorTime)
                : usage;
        }
        return bySession;
    }

    /// <summary>Session, resident memory and processor time of a line of <c>stat</c> (proc(5), fields 6, 14, 15 and 24); null when it is none.</summary>
    public static (int Session, KernelUsage Usage)? Parse(string line)
    {
        int close = line.LastIndexOf(')');
        if (close < 0)
            return null;
        string[] fields = line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // A zombie has ended; its time belongs to whoever waits for it.
        return fields.Length >= 22 && fields[0] is not ("Z" or "X" or "x")
            && int.TryParse(fields[3], CultureInfo.InvariantCulture, out int session)
            && long.TryParse(fields[11], CultureInfo.InvariantCulture, out long user)
            && long.TryParse(fields[12], CultureInfo.InvariantCulture, out long system)
            && long.TryParse(fields[21], CultureInfo.InvariantCulture, out long pages)
            ? (session, new KernelUsage(pages * Environment.SystemPageSize, TimeSpan.FromTicks((user + system) * (TimeSpan.TicksPerSecond / TicksPerSecond))))
            : null;
    }

    private static (int, KernelUsage)? Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile
        }
    }
}
