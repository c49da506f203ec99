using Hub.Events;
using Testing;
using Xunit;

namespace Hub.Tests.Events;

/// <summary>What is published reaches whoever wants it, and nobody waits for anybody.</summary>
public sealed class EventStreamTests
{
    private readonly EventStream _stream = new();

    [Fact]
    public async Task Every_reader_hears_what_it_wants_in_order()
    {
        using EventReader all = _stream.Subscribe(_ => true);
        using EventReader adas = _stream.Subscribe(happened => happened.UserName == "ada");
        _stream.Publish(In("ada"));
        _stream.Publish(In("bob"));
        _stream.Publish(Out("ada"));
        Assert.Equal([In("ada"), In("bob"), Out("ada")], await TakeAsync(all, 3));
        Assert.Equal([In("ada"), Out("ada")], await TakeAsync(adas, 2));
    }

    [Fact]
    public async Task A_slow_reader_loses_the_oldest_is_told_how_many_and_holds_up_nobody()
    {
        using EventReader slow = _stream.Subscribe(_ => true);
        for (int i = 0; i < EventStream.QueueLength + 10; i++)
            _stream.Publish(In($"user-{i}"));
        Assert.Equal(10, slow.Missed);
        Assert.Equal("user-10", (await TakeAsync(slow, 1))[0].UserName);
    }

    [Fact]
    public async Task Who_left_hears_the_rest_of_the_queue_and_then_the_end()
    {
        EventReader reader = _stream.Subscribe(_ => true);
        _stream.Publish(In("ada"));
        reader.Dispose();
        _stream.Publish(In("bob"));
        var heard = new List<HubEvent>();
        await foreach (HubEvent happened in reader.ReadAllAsync(new CancellationTokenSource(Eventually.Timeout).Token))
            heard.Add(happened);
        Assert.Equal([In("ada")], heard);
        Assert.Equal(0, reader.Missed);
    }

    private static HubEvent.SignedIn In(string user) => new(DateTimeOffset.UnixEpoch, user);

    private static HubEvent.SignedOut Out(string user) => new(DateTimeOffset.UnixEpoch, user);

    private static async Task<List<HubEvent>> TakeAsync(EventReader reader, int count)
    {
        using var patience = new CancellationTokenSource(Eventually.Timeout);
        var heard = new List<HubEvent>();
        await foreach (HubEvent happened in reader.ReadAllAsync(patience.Token))
        {
            heard.Add(happened);
            if (heard.Count == count)
                break;
        }
        return heard;
    }
}
