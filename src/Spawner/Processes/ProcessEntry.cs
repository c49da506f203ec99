using System.Globalization;

namespace Spawner.Processes;

/// <summary>One line of <c>/proc/PID/stat</c> (proc(5)), as far as it is used.</summary>
/// <param name="StartTicks">When it started, in clock ticks since boot; with the pid it names one process for ever.</param>
internal readonly record struct ProcessEntry(int Id, char State, int Parent, int Session, long StartTicks)
{
    public bool IsAlive => State is not ('Z' or 'X' or 'x');

    /// <summary>The command name stands in parentheses and may hold any character, so fields are counted from the last one.</summary>
    public static ProcessEntry? Parse(string line)
    {
        int open = line.IndexOf('(', StringComparison.Ordinal);
        int close = line.LastIndexOf(')');
        if (open < 1 || close < open) return null;
        string[] fields = line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 20
            && int.TryParse(line.AsSpan(0, open).Trim(), CultureInfo.InvariantCulture, out int id)
            && int.TryParse(fields[1], CultureInfo.InvariantCulture, out int parent)
            && int.TryParse(fields[3], CultureInfo.InvariantCulture, out int session)
            && long.TryParse(fields[19], CultureInfo.InvariantCulture, out long start)
            ? new ProcessEntry(id, fields[0][0], parent, session, start)
            : null;
    }
}
