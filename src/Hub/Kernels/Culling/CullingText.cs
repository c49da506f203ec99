using System.Globalization;

namespace Hub.Kernels.Culling;

/// <summary>What people read about a kernel that is stopped for being idle or for its age.</summary>
internal static class CullingText
{
    /// <summary>The cause as programs and the audit log read it.</summary>
    public static string NameOf(CullCause cause) => cause == CullCause.Idle ? "idle" : "longest_run";

    public static string Warning(CullCause cause, CullingRules rules) => cause == CullCause.Idle
        ? $"Nothing has run in this kernel for a long time; after {Say(rules.IdleAfter)} it is stopped to make room for others. Its variables would be gone, outputs and files stay."
        : $"This kernel may run for {Say(rules.LongestRun)}, also when it is at work, and that time is nearly over. Save what its variables hold; outputs and files stay.";

    public static string Ended(CullCause cause, CullingRules rules) => cause == CullCause.Idle
        ? $"The kernel was stopped because nothing ran in it for {Say(rules.IdleAfter)}. Outputs and files are as they were; restart it and run your cells to have the variables back."
        : $"The kernel was stopped because it ran for {Say(rules.LongestRun)}, as long as one may here. Outputs and files are as they were; restart it to go on.";

    private static string Say(TimeSpan? time)
    {
        TimeSpan known = time ?? TimeSpan.Zero;
        List<string> parts = [];
        Add(known.Days, "day");
        Add(known.Hours, "hour");
        Add(known.Minutes, "minute");
        if (parts.Count == 0)
            Add((int)Math.Ceiling(known.TotalSeconds), "second");
        return string.Join(" ", parts);

        void Add(int count, string unit)
        {
            if (count > 0)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}"));
        }
    }
}
