using System.Globalization;
using System.Text;

namespace Spawner.Posix;

/// <summary>
/// The map of a user namespace that swaps two ids and leaves all others as they are (pure). Swapped, not moved: an id without a
/// counterpart could not be written by anybody.
/// </summary>
internal static class IdMap
{
    /// <summary>All ids but -1, which means "none".</summary>
    private const long Ids = 4_294_967_295;

    /// <summary>Lines "inside outside count" of <c>/proc/{pid}/uid_map</c>.</summary>
    /// <param name="one">An id, 0 to 2^31.</param>
    /// <param name="other">Another.</param>
    public static string Swapping(int one, int other)
    {
        (long low, long high) = one < other ? (one, (long)other) : (other, one);
        StringBuilder lines = new();
        Line(0, 0, low);
        if (low == high)
        {
            Line(low, low, Ids - low);
            return lines.ToString();
        }
        Line(low, high, 1);
        Line(low + 1, low + 1, high - low - 1);
        Line(high, low, 1);
        Line(high + 1, high + 1, Ids - high - 1);
        return lines.ToString();

        void Line(long inside, long outside, long count)
        {
            if (count > 0) lines.Append(CultureInfo.InvariantCulture, $"{inside} {outside} {count}\n");
        }
    }
}
