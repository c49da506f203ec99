using System.Globalization;

namespace Hub.Contents.Quotas;

/// <summary>Usage in words.</summary>
internal static class UsageText
{
    private static readonly (long Size, string Unit)[] s_units = [(1L << 40, "TiB"), (1L << 30, "GiB"), (1L << 20, "MiB"), (1L << 10, "KiB")];

    /// <summary>Such as <c>1.5 GiB</c>; small ones to the byte.</summary>
    public static string Size(long bytes)
    {
        foreach ((long size, string unit) in s_units)
        {
            if (bytes >= size)
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / size:0.#} {unit}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
    }

    /// <summary>Why no kernel is started in a home that holds far too much, and what helps.</summary>
    public static string NoKernel(HomeUsage usage, int hardPercent) =>
        $"No kernel is started, because the home holds {Size(usage.UsedBytes)}, {Wall(usage, hardPercent)}. Files can be opened and deleted as before: delete what is not needed "
        + "in the file browser, then start the kernel again.";

    /// <summary>Why the hub stopped the kernels of such a home.</summary>
    public static string Stopped(HomeUsage usage, int hardPercent) =>
        $"The kernel was stopped because the home held {Size(usage.UsedBytes)}, {Wall(usage, hardPercent)}. Outputs and files are as they were: delete what is not needed in the "
        + "file browser, then restart the kernel.";

    private static string Wall(HomeUsage usage, int hardPercent) => string.Create(
        CultureInfo.InvariantCulture, $"more than {hardPercent} % of the {Size(usage.LimitBytes)} it may hold (Homes:HardLimitPercent)");

    /// <summary>Why a file was not made in a home whose file system has none left, or whose disk is full.</summary>
    public static string NoMoreFiles(string path) =>
        $"There is no room for one file more: '{path}' was not written. The home holds as many files as fit into it, or the disk is full. Remove what is not needed and try again.";

    /// <summary>Why something was not written, and what helps.</summary>
    public static string Refusal(string path, HomeUsage usage) =>
        $"The home is full: {Size(usage.UsedBytes)} of {Size(usage.LimitBytes)} are used (Homes:QuotaBytes), and there is no room to write '{path}'. "
        + "Nothing was changed. Remove what is not needed and try again.";
}
