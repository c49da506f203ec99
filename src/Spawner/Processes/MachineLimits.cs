using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Spawner.Processes;

/// <summary>What the machine allows the hub itself, and what its programs can; an unprivileged hub can give its kernels no more.</summary>
internal static class MachineLimits
{
    /// <summary>The hard limit of open files, from the line "Max open files  soft  hard  files" of <c>/proc/self/limits</c>.</summary>
    public static long OpenFiles { get; } = Read();

    /// <summary>Whether <c>env</c> knows <c>--default-signal</c>, as that of coreutils does since 8.31.</summary>
    public static bool ResetsSignals => s_resetsSignals.Value;

    private static readonly Lazy<bool> s_resetsSignals = new(() =>
    {
        try
        {
            using Process? tried = Process.Start(new ProcessStartInfo("env", ["--default-signal=INT,QUIT", "true"]) { RedirectStandardError = true, RedirectStandardOutput = true });
            return tried is not null && tried.WaitForExit(TimeSpan.FromSeconds(10)) && tried.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    private static long Read()
    {
        string? line = File.ReadLines("/proc/self/limits").FirstOrDefault(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length >= 5 && long.TryParse(words[4], CultureInfo.InvariantCulture, out long hard) ? hard : long.MaxValue;
    }
}
