using System.Text;
using System.Text.Json;
using Hub.Kernels;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>What a tab that is behind still gets, and what it is told about the rest.</summary>
public sealed class TabBacklogTests
{
    private static readonly BacklogLimits s_small = new(4, 100_000, "Kernels:Some");

    [Fact]
    public void Messages_come_out_in_order()
    {
        TabBacklog backlog = Make();
        foreach (int i in new[] { 1, 2, 3 })
            Assert.True(backlog.Offer(Stream($"{i}")));
        Assert.Equal(["1", "2", "3"], TextsOf(backlog));
    }

    [Fact]
    public async Task A_full_backlog_says_so_until_a_quarter_is_free()
    {
        TabBacklog backlog = Make();
        for (int i = 0; i < 4; i++)
            Assert.True(backlog.Offer(Stream("x")));
        Assert.False(backlog.Offer(Stream("y")));
        Task room = backlog.WhenRoom();
        Assert.False(room.IsCompleted);
        Assert.NotNull(Take(backlog));
        await room.WaitAsync(Testing.Eventually.Timeout, TimeProvider.System);
        Assert.True(backlog.Offer(Stream("y")));
    }

    [Fact]
    public void A_lagging_tab_gets_the_same_text_in_fewer_messages()
    {
        TabBacklog backlog = Make();
        for (int i = 0; i < 4; i++)
            backlog.Offer(Stream($"a{i} "));
        backlog.BeginLagging();
        for (int i = 4; i < 100; i++)
            Assert.True(backlog.Offer(Stream($"a{i} ")));
        Assert.True(backlog.Offer(Stream("other", parent: "m2")));
        Assert.Equal([string.Concat(Enumerable.Range(0, 100).Select(i => $"a{i} ")), "other"], TextsOf(backlog));
        Assert.Equal(0, backlog.LeftOut);
    }

    [Fact]
    public void What_finds_no_room_is_counted_where_it_is_missing_and_what_ends_requests_is_kept()
    {
        TabBacklog backlog = Make();
        backlog.BeginLagging();
        backlog.Offer(Display(60_000));
        for (int i = 0; i < 3; i++)
            backlog.Offer(Display(60_000));
        backlog.Offer(new TabMessage(Said.Reply("m1").Message));
        backlog.Offer(new TabMessage(Said.Status("idle", "m1").Message));

        TabMessage?[] all = [Take(backlog), Take(backlog), Take(backlog), Take(backlog), Take(backlog)];
        Assert.Equal("display_data", all[0]!.Message.MessageType);
        Assert.Equal("left out 3 Kernels:Some", TextOf(all[1]!));
        Assert.Equal("m1", all[1]!.Message.ParentMessageId);
        Assert.Equal("execute_reply", all[2]!.Message.MessageType);
        Assert.Equal("status", all[3]!.Message.MessageType);
        Assert.Null(all[4]);
        Assert.Equal(3, backlog.LeftOut);
    }

    [Fact]
    public void A_tab_that_takes_nothing_at_all_is_lost_with_bounded_memory_and_begins_anew_with_a_notice()
    {
        TabBacklog backlog = Make();
        backlog.BeginLagging();
        for (int i = 0; i < 1_000; i++)
        {
            backlog.Offer(new TabMessage(Said.Status("idle", $"m{i}").Message));
            Assert.True(backlog.Count <= 16);
        }

        Assert.True(backlog.IsLost);
        Assert.Null(Take(backlog));
        backlog.HandTo(2);
        Assert.StartsWith("left out 1000", TextOf(Take(backlog, 2)!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_was_replaced_takes_nothing_more()
    {
        TabBacklog backlog = Make();
        backlog.Offer(Stream("x"));
        backlog.HandTo(2);
        Assert.Null(Take(backlog, 1));
        Assert.NotNull(Take(backlog, 2));
    }

    [Fact]
    public void One_message_always_fits_however_long() => Assert.True(Make().Offer(Display(1_000_000)));

    [Fact]
    public void Joining_keeps_escapes_torn_surrogates_and_foreign_shapes()
    {
        KernelMessage first = Raw("""{"name":"stdout","text":"\ud83d"}""");
        StreamMerger merger = StreamMerger.Begin(first)!;
        Assert.True(merger.TryAdd(Raw("""{"text":"\ude00 \"q\"\n","name":"stdout"}""")));
        Assert.False(merger.TryAdd(Raw("""{"name":"stderr","text":"x"}""")));
        Assert.False(merger.TryAdd(Raw("""{"name":"stdout","text":"x","more":1}""")));
        Assert.False(merger.TryAdd(Raw("""{"name":"stdout","text":7}""")));
        Assert.False(merger.TryAdd(Raw("not json")));
        Assert.Null(StreamMerger.Begin(Raw("[]")));
        Assert.Equal("😀 \"q\"\n", JsonDocument.Parse(merger.ToMessage().Content).RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public void Joined_text_stops_where_browsers_begin_to_choke()
    {
        StreamMerger merger = StreamMerger.Begin(Stream(new string('x', StreamMerger.MaxTextBytes - 10)).Message)!;
        Assert.True(merger.TryAdd(Stream("1234567890").Message));
        Assert.False(merger.TryAdd(Stream("1").Message));
    }

    [Fact]
    public void Slow_tabs_may_hold_a_kernel_back_once_and_a_twentieth_of_the_time_after_that()
    {
        DateTimeOffset t = DateTimeOffset.UnixEpoch;
        TimeSpan slice = GracePolicy.Slice;
        GracePolicy grace = GracePolicy.Begin(TimeSpan.FromMilliseconds(250), t);
        // Whoever drains well is waited for, however often: that is what every tab needs under a flood.
        for (int i = 0; i < 100; i++)
            grace = grace.Spend(t, t += slice, bytes: 1_000_000, messages: 3);
        for (int i = 0; i < 100; i++)
            grace = grace.Spend(t, t += slice, bytes: 40_000, messages: 200);
        Assert.Equal(TimeSpan.FromMilliseconds(250), grace.Left);
        // Whoever does not costs the others a quarter of a second, once.
        int slices = 0;
        while (grace.MayWait(t))
        {
            grace = grace.Spend(t, t += slice, bytes: 1_000, messages: 1);
            slices++;
        }

        Assert.InRange(slices, 10, 11);
        Assert.False(grace.MayWait(t));
        Assert.Equal(TimeSpan.FromMilliseconds(50), grace.Spend(t + TimeSpan.FromSeconds(1), t + TimeSpan.FromSeconds(1), 0, 0).Left);
        Assert.Equal(TimeSpan.FromMilliseconds(250), grace.Spend(t + TimeSpan.FromMinutes(1), t + TimeSpan.FromMinutes(1), 0, 0).Left);
    }

    private static TabBacklog Make()
    {
        TabBacklog backlog = new(s_small);
        backlog.HandTo(1);
        return backlog;
    }

    private static TabMessage? Take(TabBacklog backlog, long connection = 1) =>
        backlog.Take(connection, gap => new TabMessage(Raw(JsonSerializer.Serialize(new { name = "stderr", text = $"left out {gap.Messages} {gap.Options}" }), Encoding.UTF8.GetString(gap.ParentHeader.Span))));

    private static List<string> TextsOf(TabBacklog backlog)
    {
        List<string> texts = [];
        while (Take(backlog) is { } message)
            texts.Add(TextOf(message));
        return texts;
    }

    private static string TextOf(TabMessage message) => JsonDocument.Parse(message.Message.Content).RootElement.GetProperty("text").GetString()!;

    private static TabMessage Stream(string text, string parent = "m1") => new(Said.Output(parent, text).Message);

    private static TabMessage Display(int bytes) => new(new KernelMessage
    {
        Channel = KernelChannel.IOPub,
        Header = """{"msg_id":"d","msg_type":"display_data","session":"s"}"""u8.ToArray(),
        ParentHeader = """{"msg_id":"m1","msg_type":"execute_request"}"""u8.ToArray(),
        Metadata = "{}"u8.ToArray(),
        Content = "{}"u8.ToArray(),
        Buffers = [new byte[bytes]],
    });

    private static KernelMessage Raw(string content, string parent = "{}") => new()
    {
        Channel = KernelChannel.IOPub,
        Header = """{"msg_id":"o","msg_type":"stream","session":"s"}"""u8.ToArray(),
        ParentHeader = Encoding.UTF8.GetBytes(parent),
        Metadata = "{}"u8.ToArray(),
        Content = Encoding.UTF8.GetBytes(content),
    };
}
