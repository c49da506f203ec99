using System.Globalization;

namespace Web.Pages;

/// <summary>Says how long ago something was, or how soon it will be, as coarsely as people do.</summary>
public static class TimeAgo
{
    public static string Since(DateTimeOffset moment, DateTimeOffset now)
    {
        TimeSpan passed = now - moment;
        return passed < TimeSpan.FromMinutes(1) ? "just now" : Amount(passed) + " ago";
    }

    public static string Until(DateTimeOffset moment, DateTimeOffset now)
    {
        TimeSpan left = moment - now;
        return left < TimeSpan.FromMinutes(1) ? "within a minute" : "in " + Amount(left);
    }

    /// <summary>The form of the <c>datetime</c> attribute.</summary>
    public static string Machine(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Amount(TimeSpan span) => span switch
    {
        { TotalMinutes: < 60 } => Count((int)span.TotalMinutes, "minute"),
        { TotalHours: < 48 } => Count((int)span.TotalHours, "hour"),
        _ => Count((int)span.TotalDays, "day"),
    };

    private static string Count(int number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");
}
