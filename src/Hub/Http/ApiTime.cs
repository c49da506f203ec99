using System.Globalization;

namespace Hub.Http;

/// <summary>Times as both APIs want them: ISO 8601, exactly six digits, <c>Z</c>. Python clients parse with a fixed format and refuse .NET's seven digits.</summary>
public static class ApiTime
{
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
