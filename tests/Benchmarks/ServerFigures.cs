using System.Globalization;

namespace Benchmarks;

/// <summary>What a process used so far, from /proc.</summary>
internal static class ServerFigures
{
    /// <summary>Seconds of user and system time; the kernel counts in hundredths.</summary>
    public static double CpuSeconds(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    public static double ResidentKilobytes(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Processes that this one started and that live, however deep.</summary>
    public static IReadOnlyList<int> Descendants(int pid)
    {
        Dictionary<int, List<int>> children = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int one) || Parent(one) is not { } parent)
                continue;
            if (!children.TryGetValue(parent, out List<int>? list))
                children[parent] = list = [];
            list.Add(one);
        }

        List<int> found = [];
        Queue<int> open = new([pid]);
        while (open.TryDequeue(out int next))
        {
            foreach (int child in children.GetValueOrDefault(next, []))
            {
                found.Add(child);
                open.Enqueue(child);
            }
        }

        return found;
    }

    private static int? Parent(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
