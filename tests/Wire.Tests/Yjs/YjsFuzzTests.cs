using Testing;
using Wire.Yjs;
using Xunit;

namespace Wire.Tests.Yjs;

/// <summary>Any bytes at all, mostly good ones gone wrong: they are read, or refused by one of two exceptions; nothing hangs, and memory stays in proportion.</summary>
public sealed class YjsFuzzTests
{
    private const int Iterations = 20_000;

    private static readonly YjsLimits s_limits = new() { MaxUpdateBytes = 1 << 20, MaxStructs = 20_000, MaxClients = 5_000, MaxPendingStructs = 2_000, MaxTypeDepth = 20, MaxValueDepth = 20 };

    private static readonly byte[][] s_good = [.. Enumerable.Range(0, 40).Select(Good)];

    [Fact]
    public void An_update_of_any_bytes_is_applied_or_refused() => Fuzz.Run(Iterations, random =>
    {
        YDoc document = new(1, s_limits);
        byte[] before = s_good[random.Next(s_good.Length)];
        document.ApplyUpdate(before);
        for (int times = random.Next(1, 4); times > 0; times--)
            Try(() => document.ApplyUpdate(Broken(random, s_good)));
        // Whatever it took, it is a document still, and another can be made of it.
        Walk(document);
        YDoc other = new(2, s_limits);
        other.ApplyUpdate(document.EncodeUpdate());
        Walk(other);
        document.GetText("text").Insert(0, "still alive");
        document.GetArray("list").Add("still", 1.0);
        document.GetMap("fields").Set("k", "alive");
    });

    [Fact]
    public void Updates_of_any_bytes_are_joined_cut_and_converted_or_refused() => Fuzz.Run(Iterations, random =>
    {
        byte[] broken = Broken(random, s_good);
        Try(() => YUpdates.Merge([broken, s_good[random.Next(s_good.Length)]], s_limits));
        Try(() => YUpdates.Diff(broken, StateVector.Empty, s_limits));
        Try(() => YUpdates.StateOf(broken, s_limits));
        Try(() => YUpdates.FromVersion2(broken, s_limits));
        Try(() => StateVector.Decode(broken));
        Try(() => YSnapshot.Decode(broken));
    });

    [Fact]
    public void Messages_of_any_bytes_are_read_or_refused() => Fuzz.Run(Iterations, random =>
    {
        Awareness awareness = new(TimeProvider.System, s_limits);
        byte[] said = [2, 5, 1, 2, (byte)'{', (byte)'}', 6, 1, 4, (byte)'n', (byte)'u', (byte)'l', (byte)'l'];
        byte[][] good = [YMessage.EncodeUpdate(s_good[0]), YMessage.EncodeAwareness(said), YMessage.EncodeState(StateVector.Empty), said];
        byte[] broken = Broken(random, good);
        Try(() => YMessage.Decode(broken));
        Try(() => awareness.Apply(broken));
        awareness.Encode(awareness.Clients);
    });

    [Fact]
    public void A_few_bytes_cannot_announce_much()
    {
        // A number of clients, structs, values and bytes of which nothing comes.
        foreach (byte[] liar in (byte[][])[[0xff, 0xff, 0xff, 0xff, 0x07], [1, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 0], [1, 1, 1, 0, 8, 1, 1, 97, 0xff, 0xff, 0xff, 0xff, 0x07], [1, 1, 1, 0, 4, 1, 1, 97, 0xff, 0xff, 0xff, 0xff, 0x07], [0, 0xff, 0xff, 0xff, 0xff, 0x07]])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<YjsFormatException>(() => new YDoc(1).ApplyUpdate(liar));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        }
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception refused) when (refused is YjsFormatException or YjsLimitException)
        {
        }
    }

    private static byte[] Broken(Random random, byte[][] good) => Fuzz.Mutate(random, good[random.Next(good.Length)]);

    private static void Walk(YDoc document)
    {
        foreach (string root in document.Roots)
        {
            document.GetText(root).ToParts();
            document.GetArray(root).ToValue();
            document.GetMap(root).ToValue();
        }
    }

    private static byte[] Good(int seed)
    {
        Random random = new(seed);
        // Few numbers, so that one update's structs name another's.
        YDoc[] documents = [.. Enumerable.Range(1, 3).Select(client => new YDoc(client + (seed % 3)))];
        RandomEdits edits = new(random, withFormats: seed % 2 == 0);
        for (int step = 0; step < 15; step++)
        {
            YDoc actor = documents[random.Next(3)];
            RandomEdits.Apply(actor, edits.Next(actor));
            if (random.Next(3) == 0)
                documents[random.Next(3)].ApplyUpdate(actor.EncodeUpdate());
        }

        return documents[0].EncodeUpdate();
    }
}
