using Hub.Contents;
using Hub.Contents.Quotas;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

public sealed class HomeAllowanceTests
{
    private readonly HomeAllowance _home = new(1000);

    [Fact]
    public void Before_the_first_measurement_a_home_counts_as_empty()
    {
        Assert.Null(_home.Usage);
        _home.Take(1000, "/a");
        Assert.Throws<ContentException>(() => _home.Take(1, "/b"));
    }

    [Fact]
    public void What_would_exceed_the_limit_is_refused_in_words_and_takes_nothing()
    {
        _home.Know(600);
        ContentException refused = Assert.Throws<ContentException>(() => _home.Take(401, "/big.bin"));
        Assert.Equal(ContentFailure.NoSpace, refused.Failure);
        Assert.Equal("quota", refused.Reason);
        Assert.Contains("600 bytes of 1000 bytes are used (Homes:QuotaBytes), and there is no room to write '/big.bin'", refused.Message, StringComparison.Ordinal);
        _home.Take(400, "/fits.bin");
        Assert.Equal(1000, _home.Usage!.Value.UsedBytes);
    }

    [Fact]
    public void Asking_for_nothing_asks_whether_there_is_any_room()
    {
        _home.Know(999);
        _home.Take(0, "/empty");
        _home.Know(1000);
        Assert.Throws<ContentException>(() => _home.Take(0, "/empty"));
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again()
    {
        _home.Know(1000);
        _home.Give(300);
        _home.Take(300, "/a");
        Assert.Throws<ContentException>(() => _home.Take(1, "/b"));
    }

    [Fact]
    public void What_is_written_while_it_is_measured_counts_beside_the_measurement()
    {
        _home.Take(100, "/before");
        _home.Begin();
        _home.Take(50, "/meanwhile");
        _home.End(100);
        Assert.Equal(150, _home.Usage!.Value.UsedBytes);
        _home.Begin();
        _home.End(150);
        Assert.Equal(150, _home.Usage!.Value.UsedBytes);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(10L << 30, "10 GiB")]
    public void Sizes_are_said_as_people_say_them(long bytes, string said) => Assert.Equal(said, UsageText.Size(bytes));

    [Theory]
    [InlineData(1L << 20)]
    [InlineData(1L << 30)]
    [InlineData(100L << 30)]
    public void An_image_has_room_for_its_quota_and_a_reserve(long quota)
    {
        ImagePlan plan = ImagePlan.For(quota);
        double reserve = plan.ImageBytes * plan.ReservedPercent / 100;
        Assert.True(plan.ImageBytes - reserve - (plan.ImageBytes * 0.017) - (5 << 20) >= quota, $"{plan}");
        Assert.True(reserve >= (8 << 20) - 1 || plan.ReservedPercent == 50, $"{plan}");
    }
}
