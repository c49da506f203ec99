using System.Globalization;
using System.Net.Sockets;
using Hub.Journal.Recording;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Testing;
using Wire.Jupyter;
using Wire.Zmtp;
using Xunit;
using HubRecorder = Hub.Journal.Recording.Recorder;

namespace Hub.Tests.Journal.Recording;

/// <summary>A recorder beside a kernel that goes on talking while the hub is away.</summary>
public sealed class RecorderTests : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("hub-recorder-").FullName;
    private readonly FakeKernel _kernel = FakeKernel.Start();
    private readonly RecorderOptions _options = new() { BytesPerKernel = 200_000, TellEvery = TimeSpan.FromMilliseconds(1), IdleExit = TimeSpan.FromSeconds(1) };
    private int _launched;

    [Fact]
    public async Task What_a_kernel_says_while_the_hub_is_away_is_there_once_and_in_order()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options, TimeProvider.System)!;
        string last;
        await using (HubRecorder before = Hub())
        {
            await WatchAsync(before);
            List<string> ids = Say(0, 100);
            last = ids[59];
        }

        string newest = Say(100, 200)[^1];
        await using HubRecorder after = Hub();
        await Eventually.Holds(() => HoldsAsync(after, newest));
        await using RecorderFeed feed = await after.OpenAsync("k", last, default);
        Assert.Equal(FeedBeginning.Seamless, feed.Beginning);
        Assert.Equal(Enumerable.Range(60, 140), Lines(await ToLiveAsync(feed)));
        Assert.Equal(0, _launched);
    }

    [Fact]
    public async Task A_hub_that_comes_back_while_the_kernel_prints_misses_and_doubles_nothing()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options, TimeProvider.System)!;
        await using (HubRecorder before = Hub())
            await WatchAsync(before);
        string first = Say(0, 50)[9];
        await using (HubRecorder probe = Hub())
            await Eventually.Holds(() => HoldsAsync(probe, first));

        using CancellationTokenSource enough = new();
        int said = 50;
        Task printing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                // At a pace at which no publisher comes to its high-water mark: what it drops nobody can bring back.
                Say(said, said + 5);
                said += 5;
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        });

        await using HubRecorder after = Hub();
        await using RecorderFeed feed = await after.OpenAsync("k", first, default);
        SpliceState<KernelMessage> splice = new(message => message.MessageId);
        List<KernelMessage> passed = [];
        Lock gate = new();
        await using SubscriberSocket own = new(ZmtpOptions.Default, TimeProvider.System);
        own.Subscribe(default);
        own.Start(frames =>
        {
            lock (gate)
                passed.AddRange(splice.Heard(Decode([.. Enumerable.Range(0, frames.Count).Select(i => frames[i])])));
            return ValueTask.CompletedTask;
        });
        own.Connect(ZmtpEndpoint.Parse(_kernel.Connection.Url(KernelChannel.IOPub)));
        while (!splice.IsLive && await Eventually.Comes(feed.NextAsync(default).AsTask()) is { } part)
        {
            lock (gate)
                passed.AddRange(part.Frames is null ? [] : splice.Fed(Decode(part.Frames)));
        }

        int reached = Volatile.Read(ref said);
        await Eventually.Holds(() =>
        {
            lock (gate)
                return Lines(passed).LastOrDefault() > reached + 100;
        });
        await enough.CancelAsync();
        await printing;
        lock (gate)
        {
            List<int> lines = Lines(passed);
            Assert.Equal(Enumerable.Range(10, lines.Count), lines);
        }

        Assert.False(splice.HasGap);
    }

    [Fact]
    public async Task A_hub_that_heard_something_before_the_recorder_did_has_no_gap()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options, TimeProvider.System)!;
        await using HubRecorder hub = Hub();
        await WatchAsync(hub);
        Say(0, 10);
        string late = Guid.NewGuid().ToString();
        Task<(FeedBeginning Beginning, List<KernelMessage> Messages)> asked = FeedAsync(hub, late);
        Say(10, 20);
        KernelMessage said = KernelMessage.Create(KernelChannel.IOPub, MessageTypes.Stream, """{"name":"stdout","text":"20\n"}"""u8.ToArray(), "kernel", TimeProvider.System, messageId: late);
        _kernel.PublishRaw(ZmqMessageCodec.Encode(said, new MessageSigner(_kernel.Connection.Key), "stream"u8.ToArray()));
        Say(21, 25);
        (FeedBeginning beginning, List<KernelMessage> messages) = await asked;
        Assert.Equal(FeedBeginning.Seamless, beginning);
        Assert.DoesNotContain(messages, message => Lines([message]) is [<= 20]);
    }

    [Fact]
    public async Task What_the_journal_has_is_let_go_of_and_the_next_hub_still_finds_its_place()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options, TimeProvider.System)!;
        await using HubRecorder hub = Hub();
        await WatchAsync(hub);
        List<string> ids = Say(0, 100);
        await Eventually.Holds(async () => (await FeedAsync(hub, ids[98])).Beginning == FeedBeginning.Seamless);
        hub.Journaled("k", ids[10]);
        hub.Journaled("k", ids[79]);
        await Eventually.Holds(async () => (await FeedAsync(hub, ids[78])).Beginning == FeedBeginning.Gap);

        (FeedBeginning beginning, List<KernelMessage> messages) = await FeedAsync(hub, ids[79]);
        Assert.Equal(FeedBeginning.Seamless, beginning);
        Assert.Equal(Enumerable.Range(80, 20), Lines(messages));
    }

    [Fact]
    public async Task More_than_memory_takes_goes_to_disk_and_is_read_from_there()
    {
        RecorderOptions small = _options with { BytesPerKernel = 1_000_000, SpillBytes = 20_000_000 };
        await using RecorderServer server = RecorderServer.Start(_data, small, TimeProvider.System)!;
        await using HubRecorder hub = Hub();
        await WatchAsync(hub);
        string begin = Say(0, 1)[0];
        for (int i = 1; i < 5_000; i += 50)
        {
            List<string> ids = Say(i, i + 50);
            await Eventually.Holds(async () => await HoldsAsync(hub, ids[^1]));
        }

        (FeedBeginning beginning, List<KernelMessage> messages) = await FeedAsync(hub, begin);
        Assert.Equal(FeedBeginning.Seamless, beginning);
        Assert.Equal(Enumerable.Range(1, 5_000), Lines(messages));
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(_data, "recorder"), "*.seg", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task More_than_it_may_keep_is_dropped_and_the_hub_learns_of_the_gap()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options with { BytesPerKernel = 65_536, SpillBytes = 0 }, TimeProvider.System)!;
        await using HubRecorder hub = Hub();
        await WatchAsync(hub);
        string begin = Say(0, 1)[0];
        await Eventually.Holds(() => HoldsAsync(hub, begin));
        await using RecorderFeed feed = await hub.OpenAsync("k", begin, default);
        Assert.Equal(FeedBeginning.Seamless, feed.Beginning);
        string newest = Say(1, 500)[^1];
        await Eventually.Holds(() => HoldsAsync(hub, newest));
        Assert.Equal(FeedBeginning.Gap, (await FeedAsync(hub, begin)).Beginning);
    }

    [Fact]
    public async Task What_was_dropped_is_counted_though_a_killed_hub_had_not_said_yet_what_it_had()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options with { BytesPerKernel = 65_536, SpillBytes = 0 }, TimeProvider.System)!;
        await using HubRecorder hub = Hub();
        await WatchAsync(hub);
        List<string> ids = Say(0, 3);
        await Eventually.Holds(() => HoldsAsync(hub, ids[^1]));
        hub.Journaled("k", ids[0]);
        await Eventually.Holds(async () => Lines((await FeedAsync(hub, "?")).Messages).Count == 2);
        string newest = Say(3, 503)[^1];
        await Eventually.Holds(() => HoldsAsync(hub, newest));

        // It was killed with the third in its journal.
        await using RecorderFeed feed = await hub.OpenAsync("k", ids[2], default);
        Assert.Equal(FeedBeginning.Seamless, feed.Beginning);
        RecorderPart first = (await Eventually.Comes(feed.NextAsync(default).AsTask()))!.Value;
        List<int> kept = Lines(await ToLiveAsync(feed));
        Assert.Equal(502 - kept.Count, first.Dropped);
        Assert.Equal(Enumerable.Range(503 - kept.Count, kept.Count), kept);
    }

    [Fact]
    public async Task One_recorder_per_data_directory_for_this_user_alone()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options, TimeProvider.System)!;
        Assert.Null(RecorderServer.Start(_data, _options, TimeProvider.System));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RecorderServer.SocketIn(_data)));
    }

    [Fact]
    public async Task Who_speaks_nonsense_is_hung_up_on()
    {
        await using RecorderServer server = RecorderServer.Start(_data, _options, TimeProvider.System)!;
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(RecorderServer.SocketIn(_data)));
        await socket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        byte[] buffer = new byte[100];
        await Eventually.Comes(Task.Run(async () =>
        {
            try
            {
                while (await socket.ReceiveAsync(buffer) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // Reset, since it was not read to the end.
            }
        }));
        await using HubRecorder hub = Hub();
        await WatchAsync(hub);
    }

    [Fact]
    public async Task Without_a_recorder_nothing_waits_and_nothing_is_there()
    {
        await using HubRecorder hub = new(Options.Create(new RecorderOptions { Enabled = false }), new DataLayout(_data), TimeProvider.System, NullLogger<HubRecorder>.Instance, (_, _) => _launched++);
        Assert.False(await hub.WatchAsync("k", _kernel.Connection.Url(KernelChannel.IOPub), default));
        await using RecorderFeed feed = await hub.OpenAsync("k", "", default);
        Assert.Equal((FeedBeginning.Unknown, null), (feed.Beginning, await feed.NextAsync(default)));
        Assert.Equal(0, _launched);
    }

    [Fact]
    public async Task The_process_is_started_when_a_kernel_is_to_be_heard_outlives_the_hub_and_ends_by_itself()
    {
        string last;
        await using (HubRecorder before = new(Options.Create(_options), new DataLayout(_data), TimeProvider.System, NullLogger<HubRecorder>.Instance))
        {
            await WatchAsync(before);
            last = Say(0, 20)[4];
        }

        string newest = Say(20, 40)[^1];
        await using (HubRecorder after = new(Options.Create(_options), new DataLayout(_data), TimeProvider.System, NullLogger<HubRecorder>.Instance))
        {
            await Eventually.Holds(() => HoldsAsync(after, newest));
            (FeedBeginning beginning, List<KernelMessage> messages) = await FeedAsync(after, last);
            Assert.Equal(FeedBeginning.Seamless, beginning);
            Assert.Equal(Enumerable.Range(5, 35), Lines(messages));
        }

        await _kernel.DieAsync();
        await Eventually.Holds(() => !File.Exists(RecorderServer.SocketIn(_data)));
    }

    public async ValueTask DisposeAsync()
    {
        await _kernel.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private HubRecorder Hub() => new(Options.Create(_options), new DataLayout(_data), TimeProvider.System, NullLogger<HubRecorder>.Instance, (_, _) => _launched++);

    /// <summary>Watched, and the subscription has reached the kernel: it greets each first subscriber, later ones are asked for by a probe.</summary>
    private async Task WatchAsync(HubRecorder hub)
    {
        Assert.True(await hub.WatchAsync("k", _kernel.Connection.Url(KernelChannel.IOPub), default));
        await Eventually.Holds(() => _kernel.Publish(MessageTypes.Status, new { execution_state = "idle" }) > 0);
    }

    private List<string> Say(int from, int to)
    {
        List<string> ids = [];
        for (int i = from; i < to; i++)
        {
            string id = $"line_{i}";
            KernelMessage message = KernelMessage.Create(
                KernelChannel.IOPub, MessageTypes.Stream, System.Text.Encoding.UTF8.GetBytes($$"""{"name":"stdout","text":"{{i}}"}"""), _kernel.Session, TimeProvider.System, messageId: id);
            using MessageSigner signer = new(_kernel.Connection.Key, _kernel.Connection.SignatureScheme);
            _kernel.PublishRaw([.. ZmqMessageCodec.Encode(message, signer)]);
            ids.Add(id);
        }

        return ids;
    }

    private async Task<(FeedBeginning Beginning, List<KernelMessage> Messages)> FeedAsync(HubRecorder hub, string after)
    {
        await using RecorderFeed feed = await hub.OpenAsync("k", after, default);
        return (feed.Beginning, feed.Beginning == FeedBeginning.Unknown ? [] : await ToLiveAsync(feed));
    }

    private static async Task<bool> HoldsAsync(HubRecorder hub, string id)
    {
        await using RecorderFeed feed = await hub.OpenAsync("k", id, default);
        return feed.Beginning == FeedBeginning.Seamless;
    }

    private async Task<List<KernelMessage>> ToLiveAsync(RecorderFeed feed)
    {
        List<KernelMessage> messages = [];
        while (await Eventually.Comes(feed.NextAsync(default).AsTask()) is { IsLive: false } part)
        {
            Assert.Equal(0, part.Dropped);
            messages.Add(Decode(part.Frames!));
        }

        return messages;
    }

    private KernelMessage Decode(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        using MessageSigner signer = new(_kernel.Connection.Key, _kernel.Connection.SignatureScheme);
        Assert.True(ZmqMessageCodec.TryDecode(frames, KernelChannel.IOPub, signer, MessageLimits.Default, out KernelMessage? message, out _));
        return message;
    }

    private static List<int> Lines(IEnumerable<KernelMessage> messages) =>
        [.. messages.Where(message => message.MessageId.StartsWith("line_", StringComparison.Ordinal)).Select(message => int.Parse(message.MessageId[5..], CultureInfo.InvariantCulture))];
}
