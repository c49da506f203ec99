using System.Globalization;
using Hub.Http;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Times as Python's clients read them.</summary>
public sealed class ApiTimeTests
{
    [Theory]
    [InlineData("2026-01-02T03:04:05.1234567+02:00", "2026-01-02T01:04:05.123456Z")]
    [InlineData("2026-01-02T03:04:05.9999999Z", "2026-01-02T03:04:05.999999Z")]
    [InlineData("2026-12-31T23:59:59Z", "2026-12-31T23:59:59.000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z")]
    public void A_time_has_six_digits_cut_and_not_rounded_in_UTC(string time, string expected) =>
        Assert.Equal(expected, ApiTime.Format(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)));
}
