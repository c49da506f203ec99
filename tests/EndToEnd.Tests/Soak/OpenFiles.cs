using System.Globalization;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests.Soak;

/// <summary>What a process has open, by kind, so that a leak is named and not only counted.</summary>
internal sealed partial record OpenFiles(IReadOnlyDictionary<string, int> ByKind)
{
    public int Count => ByKind.Values.Sum();

    public static OpenFiles Of(int process)
    {
        Dictionary<string, string> sockets = Sockets();
        return new OpenFiles(Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Select(file => Kind(file, sockets)).CountBy(kind => kind).ToDictionary());
    }

    /// <summary>The kinds of which there are more, and by how many.</summary>
    public string Since(OpenFiles before) => string.Join(", ", ByKind
        .Select(pair => (pair.Key, More: pair.Value - before.ByKind.GetValueOrDefault(pair.Key))).Where(pair => pair.More > 0)
        .OrderByDescending(pair => pair.More).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.More} {pair.Key}")));

    private static string Kind(string file, Dictionary<string, string> sockets)
    {
        string? target;
        try
        {
            target = new FileInfo(file).LinkTarget;
        }
        catch (IOException)
        {
            target = null;
        }

        if (target is null)
            return "closed";
        if (target.StartsWith("socket:", StringComparison.Ordinal))
            return sockets.GetValueOrDefault(target[8..^1], "socket of no family known");
        return Changing().Replace(target, "…");
    }

    /// <summary>Of each socket of this machine's network the family, its state and where it is bound or leads to.</summary>
    private static Dictionary<string, string> Sockets()
    {
        Dictionary<string, string> kinds = [];
        foreach (string line in File.ReadLines("/proc/net/unix").Skip(1))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            kinds[words[6]] = $"unix {(words[5] == "03" ? "connected" : "open")} {(words.Length > 7 ? Changing().Replace(words[7], "…") : "")}".TrimEnd();
        }

        foreach (string family in (string[])["tcp", "tcp6"])
        {
            foreach (string line in File.ReadLines($"/proc/net/{family}").Skip(1))
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                kinds[words[9]] = $"{family} {(words[3] == "0A" ? "listening" : words[3] == "08" ? "closed by the other" : "connected")}";
            }
        }

        return kinds;
    }

    /// <summary>Ids, numbers and inodes.</summary>
    [GeneratedRegex("[0-9a-f]{8,}(-[0-9a-f]+)*|[0-9]+")]
    private static partial Regex Changing();
}
