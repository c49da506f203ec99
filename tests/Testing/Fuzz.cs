using System.Globalization;

namespace Testing;

/// <summary>
/// Runs a test with many seeds. A failure names its seed, and <c>HUB_FUZZ_SEED</c> runs that one alone; <c>HUB_LONG=1</c> runs
/// twenty times as many. Without either the seeds are the same in each run, so that a build does not fail by chance.
/// </summary>
public static class Fuzz
{
    private const int LongerBy = 20;

    /// <exception cref="FuzzException">One of the runs failed; the cause is inside.</exception>
    public static void Run(int iterations, Action<Random> one)
    {
        foreach (int seed in Seeds(iterations))
        {
            try
            {
                one(new Random(seed));
            }
#pragma warning disable CA1031 // whatever fails is told with its seed
            catch (Exception failure)
#pragma warning restore CA1031
            {
                throw new FuzzException(seed, failure);
            }
        }
    }

    /// <summary>Bytes that are nearly right: <paramref name="good"/> with a few of them flipped, removed, doubled, or cut off.</summary>
    public static byte[] Mutate(Random random, byte[] good)
    {
        List<byte> bytes = [.. good];
        for (int changes = random.Next(1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.InsertRange(at, RandomBytes(random, length));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    public static byte[] RandomBytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static IEnumerable<int> Seeds(int iterations)
    {
        if (Environment.GetEnvironmentVariable("HUB_FUZZ_SEED") is { Length: > 0 } seed)
            return [int.Parse(seed, CultureInfo.InvariantCulture)];
        bool longer = Environment.GetEnvironmentVariable("HUB_LONG") == "1";
        // A long run looks where no run has looked before.
        int first = longer ? Environment.TickCount & 0x3FFFFFFF : 0;
        return Enumerable.Range(first, longer ? iterations * LongerBy : iterations);
    }
}
