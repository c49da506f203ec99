using System.Globalization;

namespace Spawner.Processes;

/// <summary>What the machine allows the hub itself; an unprivileged hub can give its kernels no more.</summary>
internal static class MachineLimits
{
    /// <summary>The hard limit of open files, from the line "Max open files  soft  hard  files" of <c>/proc/self/limits</c>.</summary>
    public static long OpenFiles { get; } = Read();

    private static long Read()
    {
        string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length >= 5 && long.TryParse(words[4], CultureInfo.InvariantCulture, out long hard) ? hard : long.MaxValue;
    }
}
