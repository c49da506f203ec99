using System.Text;
using System.Text.Json;
using Hub.Kernels;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>What a connection is given, and when: live, behind, and where the journal has lost something.</summary>
public sealed class TabBacklogTests
{
    private static readonly TabId Ada = new("ada", "tab-1");
    private static readonly TabId Ben = new("ben", "tab-2");

    [Fact]
    public async Task Messages_come_out_in_order_and_each_once()
    {
        Tap tap = new();
        TabBacklog backlog = tap.Open(Ada);
        tap.Say("1").Say("2").Say("3");
        Assert.Equal(["1", "2", "3"], TextsOf(await TakeAsync(backlog)));
        tap.Say("4");
        Assert.Equal(["4"], TextsOf(await TakeAsync(backlog)));
        Assert.False(backlog.IsBehind);
    }

    [Fact]
    public async Task A_full_queue_is_read_from_the_journal_with_its_text_joined_and_then_it_is_live_again()
    {
        Tap tap = new();
        TabBacklog backlog = tap.Open(Ada);
        for (int i = 0; i < 100; i++)
            tap.Say($"a{i} ");
        tap.Say("other", parent: "m2");
        Assert.True(backlog.IsBehind);
        Assert.Equal(0, backlog.Count);
        List<TabMessage> all = await TakeAsync(backlog);
        Assert.Equal([string.Concat(Enumerable.Range(0, 100).Select(i => $"a{i} ")), "other"], TextsOf(all));
        Assert.Equal([100, 101], all.Select(message => message.Sequence));
        tap.Say("live", parent: "m3");
        Assert.Equal(["live"], TextsOf(await TakeAsync(backlog)));
        Assert.False(backlog.IsBehind);
    }

    [Fact]
    public async Task A_returning_tab_goes_on_after_what_it_has()
    {
        Tap tap = new();
        tap.Say("1").Say("2", parent: "m2");
        TabBacklog backlog = tap.Open(Ada, after: 1);
        tap.Say("3", parent: "m3");
        List<TabMessage> all = await TakeAsync(backlog);
        if (all.Count < 2)
            all.AddRange(await TakeAsync(backlog));
        Assert.Equal(["2", "3"], TextsOf(all));
    }

    [Fact]
    public async Task What_is_for_another_tab_is_not_shown_also_not_from_the_journal()
    {
        Tap tap = new();
        tap.Say("for ben", to: Ben).Say("for ada", to: Ada).Say("for all", parent: "m2");
        Assert.Equal(["for ada", "for all"], TextsOf(await TakeAsync(tap.Open(Ada, after: -1))));
        Assert.Equal(["for ben", "for all"], TextsOf(await TakeAsync(tap.Open(Ben, after: -1))));
    }

    [Fact]
    public async Task A_prompt_that_was_answered_while_the_tab_was_away_is_not_asked()
    {
        Tap tap = new();
        tap.Append(Said.Prompt("p1", "m1").Message, Ada);
        tap.Append(Said.Prompt("p2", "m1").Message, Ada);
        tap.Over.Add("p1");
        Assert.Equal("p2", Assert.Single(await TakeAsync(tap.Open(Ada, after: -1))).Message.MessageId);
    }

    [Fact]
    public async Task Where_it_goes_on_is_what_was_handed_to_the_network_not_what_was_taken()
    {
        Tap tap = new();
        TabBacklog backlog = tap.Open(Ada);
        tap.Say("1").Say("2");
        await TakeAsync(backlog);
        Assert.Equal(0, backlog.Cursor);
        backlog.Sent(1);
        Assert.Equal(1, backlog.Cursor);
        backlog.Close();
        Assert.False(await backlog.TakeManyAsync([], 1, 1, default));
        Assert.Equal(["2"], TextsOf(await TakeAsync(tap.Open(Ada, backlog.Cursor))));
    }

    [Fact]
    public async Task One_message_always_fits_however_long()
    {
        Tap tap = new();
        TabBacklog backlog = tap.Open(Ada);
        tap.Append(Display(1_000_000), null);
        Assert.False(backlog.IsBehind);
        Assert.Single(await TakeAsync(backlog));
    }

    [Fact]
    public async Task A_sender_that_waits_is_woken_by_the_next_message()
    {
        Tap tap = new();
        TabBacklog backlog = tap.Open(Ada);
        Task<List<TabMessage>> taking = TakeAsync(backlog);
        Assert.False(taking.IsCompleted);
        tap.Say("1");
        Assert.Equal(["1"], TextsOf(await Eventually.Comes(taking, "the message")));
    }

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
        StreamMerger merger = StreamMerger.Begin(Stream(new string('x', StreamMerger.MaxTextBytes - 10)))!;
        Assert.True(merger.TryAdd(Stream("1234567890")));
        Assert.False(merger.TryAdd(Stream("1")));
    }

    private static async Task<List<TabMessage>> TakeAsync(TabBacklog backlog)
    {
        List<TabMessage> taken = [];
        Assert.True(await backlog.TakeManyAsync(taken, 1_000, 1 << 20, TestContext.Current.CancellationToken));
        return taken;
    }

    private static List<string> TextsOf(IEnumerable<TabMessage> messages) => [.. messages.Select(TextOf)];

    private static string TextOf(TabMessage message) => JsonDocument.Parse(message.Message.Content).RootElement.GetProperty("text").GetString()!;

    private static KernelMessage Stream(string text, string parent = "m1") => Said.Output(parent, text).Message;

    private static KernelMessage Display(int bytes) => new()
    {
        Channel = KernelChannel.IOPub,
        Header = """{"msg_id":"d","msg_type":"display_data","session":"s"}"""u8.ToArray(),
        ParentHeader = """{"msg_id":"m1","msg_type":"execute_request"}"""u8.ToArray(),
        Metadata = "{}"u8.ToArray(),
        Content = "{}"u8.ToArray(),
        Buffers = [new byte[bytes]],
    };

    private static KernelMessage Raw(string content, string parent = "{}") => new()
    {
        Channel = KernelChannel.IOPub,
        Header = """{"msg_id":"o","msg_type":"stream","session":"s"}"""u8.ToArray(),
        ParentHeader = Encoding.UTF8.GetBytes(parent),
        Metadata = "{}"u8.ToArray(),
        Content = Encoding.UTF8.GetBytes(content),
    };
}
