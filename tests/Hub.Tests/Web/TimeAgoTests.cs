using global::Web.Pages;
using Xunit;

namespace Hub.Tests.Web;

public sealed class TimeAgoTests
{
    [Theory]
    [InlineData(0, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 minute ago")]
    [InlineData(3_599, "59 minutes ago")]
    [InlineData(3_600, "1 hour ago")]
    [InlineData(172_799, "47 hours ago")]
    [InlineData(172_800, "2 days ago")]
    public void The_past_is_told_as_coarsely_as_people_do(int seconds, string told) =>
        Assert.Equal(told, TimeAgo.Since(SamplePages.Now.AddSeconds(-seconds), SamplePages.Now));

    [Theory]
    [InlineData(10, "within a minute")]
    [InlineData(7_200, "in 2 hours")]
    public void The_future_too(int seconds, string told) =>
        Assert.Equal(told, TimeAgo.Until(SamplePages.Now.AddSeconds(seconds), SamplePages.Now));

    [Fact]
    public void Machines_read_universal_time() =>
        Assert.Equal("2026-04-05T10:00:00Z", TimeAgo.Machine(new DateTimeOffset(2026, 4, 5, 12, 0, 0, TimeSpan.FromHours(2))));
}
