namespace Wire.Yjs;

/// <summary>Values one after the other, kept as the bytes they came in: what nobody looks at is never decoded, and goes out as it came.</summary>
/// <param name="bytes">All values.</param>
/// <param name="ends">Where each ends; null for one value.</param>
internal sealed class AnyRun(byte[] bytes, int[]? ends)
{
    public ReadOnlySpan<byte> Bytes => bytes;

    public int Count => ends?.Length ?? 1;

    public object? this[int index] => AnyCodec.Read(bytes.AsSpan(StartOf(index)));

    public static AnyRun Of(IReadOnlyList<object?> values, int depth)
    {
        UpdateWriter writer = new(64);
        int[] ends = new int[values.Count];
        for (int place = 0; place < ends.Length; place++)
        {
            AnyCodec.Write(writer, values[place], depth);
            ends[place] = writer.Length;
        }

        return new AnyRun(writer.ToArray(), ends.Length == 1 ? null : ends);
    }

    public ReadOnlySpan<byte> From(int index) => bytes.AsSpan(StartOf(index));

    public (AnyRun Left, AnyRun Right) Split(int count) => (Part(0, count), Part(count, Count));

    public AnyRun Join(AnyRun right)
    {
        int[] all = new int[Count + right.Count];
        for (int place = 0; place < all.Length; place++)
            all[place] = place < Count ? EndOf(place) : bytes.Length + right.EndOf(place - Count);
        return new AnyRun([.. bytes, .. right.Bytes], all);
    }

    private AnyRun Part(int from, int to)
    {
        int start = StartOf(from);
        int[]? some = to - from == 1 ? null : new int[to - from];
        for (int place = 0; some is not null && place < some.Length; place++)
            some[place] = EndOf(from + place) - start;
        return new AnyRun(bytes[start..EndOf(to - 1)], some);
    }

    private int StartOf(int index) => index == 0 ? 0 : ends![index - 1];

    private int EndOf(int index) => ends is null ? bytes.Length : ends[index];
}
