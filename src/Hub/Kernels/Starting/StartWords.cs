using System.Globalization;

namespace Hub.Kernels.Starting;

/// <summary>What people read while their kernel waits for its turn.</summary>
internal static class StartWords
{
    public static string Of(StartPlace place)
    {
        if (place.IsFull)
            return "The machine's memory is nearly full: the kernel starts when some is free.";
        string who = place.Ahead switch
        {
            0 => "The kernel is the next to start",
            1 => "One kernel starts before this one",
            _ => string.Create(CultureInfo.InvariantCulture, $"{place.Ahead} kernels start before this one"),
        };
        return place.Estimate is { } estimate
            ? string.Create(CultureInfo.InvariantCulture, $"{who}; about {Math.Max(1, (int)Math.Ceiling(estimate.TotalSeconds))} s.")
            : $"{who}.";
    }
}
