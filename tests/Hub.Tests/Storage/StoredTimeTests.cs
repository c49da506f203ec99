using FsCheck.Fluent;
using Hub.Storage;
using Xunit;

namespace Hub.Tests.Storage;

/// <summary>Times in the database.</summary>
public sealed class StoredTimeTests
{
    [Fact]
    public void A_time_comes_back_to_the_microsecond()
    {
        var time = new DateTimeOffset(2026, 11, 21, 7, 38, 1, TimeSpan.FromHours(2)).AddTicks(1234567);
        DateTimeOffset back = StoredTime.FromStored(StoredTime.ToStored(time));
        Assert.Equal(time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond)), back);
        Assert.Equal(TimeSpan.Zero, back.Offset);
    }

    [Fact]
    public void Later_times_are_greater_numbers() => FsCheck.Check.QuickThrowOnFailure(Prop.ForAll<int, int>((one, other) =>
        one.CompareTo(other) == StoredTime.ToStored(In(one)).CompareTo(StoredTime.ToStored(In(other)))));

    private static DateTimeOffset In(int seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
}
