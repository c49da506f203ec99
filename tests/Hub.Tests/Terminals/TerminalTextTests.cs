using System.Text;
using Hub.Terminals;
using Xunit;

namespace Hub.Tests.Terminals;

/// <summary>What is kept of a terminal, how it is cut, and what of it is shown again.</summary>
public sealed class TerminalTextTests
{
    private const string Escape = "\u001b";

    [Theory]
    [InlineData("plain\r\n", "plain\r\n")]
    [InlineData("\u001b[31mred\u001b[0m \u001b[2J\u001b[1;5H", "\u001b[31mred\u001b[0m \u001b[2J\u001b[1;5H")]
    [InlineData("a\u001b[cb\u001b[>cc\u001b[0cd\u001b[=ce", "abcde")]
    [InlineData("a\u001b[6nb\u001b[?6nc\u001b[5nd", "abcd")]
    [InlineData("a\u001b[?2026$pb\u001b[4$pc", "abc")]
    [InlineData("a\u001b]11;?\u0007b\u001b]10;?\u001b\\c\u001b]4;1;?\u0007d", "abcd")]
    [InlineData("\u001b]0;a title\u0007x\u001b]8;;https://example\u001b\\link", "\u001b]0;a title\u0007x\u001b]8;;https://example\u001b\\link")]
    [InlineData("a\u001bP$qm\u001b\\b\u001bP+q544e\u001b\\c\u001bP1$r0m\u001b\\d", "abc\u001bP1$r0m\u001b\\d")]
    [InlineData("a\u001bZb\u0005c\u001b[>qd\u001b[?ue", "abcde")]
    [InlineData("a\u001b[18tb\u001b[14;2tc\u001b[22;0td\u001b[8;24;80te", "abc\u001b[22;0td\u001b[8;24;80te")]
    [InlineData("\u001b[!p\u001b[?1049h\u001b[4 q\u001b7\u001b8", "\u001b[!p\u001b[?1049h\u001b[4 q\u001b7\u001b8")]
    [InlineData("cut \u001b[3", "cut \u001b[3")]
    [InlineData("cut \u001b]0;never ends", "cut \u001b]0;never ends")]
    [InlineData("cut \u001b", "cut \u001b")]
    public void What_a_program_asked_the_page_is_not_asked_again(string history, string shown) =>
        Assert.Equal(Escape + "c" + shown, Encoding.UTF8.GetString(ReplayText.Of(Encoding.UTF8.GetBytes(history), isWhole: true)));

    [Fact]
    public void Nothing_is_shown_of_nothing_and_what_lost_its_beginning_begins_with_a_line()
    {
        Assert.Empty(ReplayText.Of([], isWhole: true));
        Assert.Equal(Escape + "cwhole\r\n", Encoding.UTF8.GetString(ReplayText.Of("1mrest of a line\r\nwhole\r\n"u8, isWhole: false)));
        Assert.Equal(Escape + "cno line", Encoding.UTF8.GetString(ReplayText.Of([0x82, 0xAC, .. "no line"u8], isWhole: false)));
    }

    [Fact]
    public void No_bytes_at_all_make_a_replay_fail_or_grow()
    {
        Random random = new(5);
        byte[] likely = "\u001b[]P?$\\;c0169nt\u0007\u0005x"u8.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] history = new byte[random.Next(1, 60)];
            for (int i = 0; i < history.Length; i++)
                history[i] = random.Next(4) == 0 ? (byte)random.Next(256) : likely[random.Next(likely.Length)];
            Assert.InRange(ReplayText.Of(history, isWhole: true).Length, 2, history.Length + 2);
        }
    }

    [Fact]
    public void Text_is_never_cut_within_a_character()
    {
        byte[] text = Encoding.UTF8.GetBytes("aé€😀z");
        for (int end = 0; end <= text.Length; end++)
        {
            int whole = Utf8Cut.WholeLength(text.AsSpan(0, end));
            Assert.InRange(end - whole, 0, 3);
            Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(text, 0, whole));
            Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(text, whole, text.Length - whole));
        }
        // What is no UTF-8 is not waited for.
        Assert.Equal(4, Utf8Cut.WholeLength([0x80, 0x80, 0x80, 0x80]));
        Assert.Equal(2, Utf8Cut.BrokenStart([0x82, 0xAC, (byte)'x']));
    }

    [Fact]
    public void A_ring_keeps_the_end_and_tells_what_it_lost()
    {
        Random random = new(7);
        const int limit = 10_000;
        Scrollback ring = new(limit);
        List<byte> all = [];
        long slow = 0;
        for (int round = 0; round < 500; round++)
        {
            byte[] more = new byte[random.Next(0, round % 50 == 0 ? 25_000 : 900)];
            random.NextBytes(more);
            ring.Append(more);
            all.AddRange(more);
            (byte[] kept, long end, bool isWhole) = ring.Snapshot();
            Assert.Equal(all.Count, end);
            Assert.Equal(all.TakeLast(kept.Length), kept);
            Assert.Equal(Math.Min(all.Count, limit), kept.Length);
            Assert.Equal(all.Count <= limit, isWhole);
            byte[] piece = new byte[random.Next(1, 700)];
            long before = slow;
            (int copied, long skipped) = ring.Read(ref slow, piece);
            Assert.Equal(Math.Max(0, all.Count - limit - before), skipped);
            Assert.Equal(before + skipped + copied, slow);
            Assert.Equal(all.Skip((int)(before + skipped)).Take(copied), piece[..copied]);
        }
    }

    [Fact]
    public void A_ring_goes_on_behind_a_gap()
    {
        Scrollback ring = new(100_000);
        ring.Append("before"u8);
        ring.Jump(5_000_000_000);
        ring.Append("after"u8);
        long number = 3;
        byte[] piece = new byte[10];
        Assert.Equal((5, 4_999_999_997), ring.Read(ref number, piece));
        Assert.Equal("after"u8.ToArray(), piece[..5]);
        byte[] much = new byte[60_000];
        ring.Append(much);
        Assert.Equal((60_005, false), ring.Snapshot() is var (text, _, isWhole) ? (text.Length, isWhole) : default);
    }

    [Fact]
    public void A_flood_is_slowed_to_its_pace_and_a_burst_is_not()
    {
        OutputPace pace = new(1_000_000);
        Assert.Equal(TimeSpan.Zero, pace.Take(200_000, TimeSpan.Zero));
        TimeSpan now = TimeSpan.Zero;
        long sent = 200_000;
        while (now < TimeSpan.FromSeconds(10))
        {
            now += pace.Take(65_536, now);
            sent += 65_536;
        }
        Assert.InRange(sent, 9_900_000, 10_500_000);
        Assert.Equal(TimeSpan.Zero, pace.Take(100_000, now + TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("""["stdin", "ls\n"]""", "ls\n")]
    [InlineData("""["stdin", "\u20ac\ud83d\ude00"]""", "€😀")]
    public void Typed_text_is_read(string frame, string text) =>
        Assert.Equal(text, Encoding.UTF8.GetString(Assert.IsType<TabWish.Type>(TabFrameCodec.Decode(Encoding.UTF8.GetBytes(frame))).Text.Span));

    [Theory]
    [InlineData("""["set_size", 24, 80, 480, 640]""", 24, 80)]
    [InlineData("""["set_size", 24.7, 80]""", 24, 80)]
    [InlineData("""["set_size", 1e9, 5000]""", 1000, 1000)]
    public void A_size_is_read_and_bounded(string frame, int rows, int columns) =>
        Assert.Equal(new TerminalSize((ushort)rows, (ushort)columns), Assert.IsType<TabWish.Resize>(TabFrameCodec.Decode(Encoding.UTF8.GetBytes(frame))).Size);

    [Theory]
    [InlineData("""["set_size", 0, 80]""")]
    [InlineData("""["set_size", 24, -1]""")]
    [InlineData("""["ping"]""")]
    public void What_means_nothing_does_nothing(string frame) => Assert.IsType<TabWish.Nothing>(TabFrameCodec.Decode(Encoding.UTF8.GetBytes(frame)));

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[1]")]
    [InlineData("""["stdin"]""")]
    [InlineData("""["stdin", 5]""")]
    [InlineData("""["set_size", "24", 80]""")]
    [InlineData("""["stdin", "x"] more""")]
    [InlineData("""["ping", [[[[[[[1]]]]]]]]""")]
    public void What_is_no_frame_is_said_to_be_none(string frame) => Assert.IsType<TabWish.Malformed>(TabFrameCodec.Decode(Encoding.UTF8.GetBytes(frame)));

    [Fact]
    public void Random_bytes_are_never_a_failure()
    {
        Random random = new(11);
        byte[] likely = "[\"stdin,set_size]{}:0123\\u00d8"u8.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] frame = new byte[random.Next(0, 40)];
            for (int i = 0; i < frame.Length; i++)
                frame[i] = random.Next(5) == 0 ? (byte)random.Next(256) : likely[random.Next(likely.Length)];
            Assert.NotNull(TabFrameCodec.Decode(frame));
            if (frame.Length >= 5)
                Assert.InRange(HolderFrameCodec.LengthOf(frame), -1, 64 * 1024 + 8);
        }
    }

    [Fact]
    public void All_tabs_fit_the_smallest()
    {
        Assert.Null(TerminalSize.SmallestOf([]));
        Assert.Equal(new TerminalSize(20, 80), TerminalSize.SmallestOf([new TerminalSize(20, 100), new TerminalSize(50, 80)]));
    }
}
