namespace Hub.Accounts;

/// <summary>Names of a group's members in the order of the database, which is that of their UTF-8; with others, and without.</summary>
internal static class GroupMembers
{
    public static bool Contains(IReadOnlyList<string> members, string name) => Find(members, name) >= 0;

    public static IReadOnlyList<string> With(IReadOnlyList<string> members, IReadOnlyList<string> others)
    {
        List<string> all = new(members.Count + others.Count);
        all.AddRange(members);
        foreach (string name in others)
        {
            if (Find(all, name) is < 0 and int free)
                all.Insert(~free, name);
        }
        return all;
    }

    public static IReadOnlyList<string> Without(IReadOnlyList<string> members, IReadOnlyList<string> others)
    {
        List<string> all = [.. members];
        foreach (string name in others)
        {
            if (Find(all, name) is >= 0 and int place)
                all.RemoveAt(place);
        }
        return all;
    }

    /// <summary>Where the name stands; less than 0 is the complement of where it would.</summary>
    private static int Find(IReadOnlyList<string> members, string name)
    {
        int low = 0;
        for (int high = members.Count - 1; low <= high;)
        {
            int middle = (low + high) / 2;
            int order = Compare(members[middle], name);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }

    /// <summary>As UTF-8 compares: a surrogate stands for what comes after all that needs none.</summary>
    private static int Compare(string one, string other)
    {
        int same = one.AsSpan().CommonPrefixLength(other);
        if (same == one.Length || same == other.Length)
            return one.Length.CompareTo(other.Length);
        bool high = char.IsSurrogate(one[same]);
        return high == char.IsSurrogate(other[same]) ? one[same].CompareTo(other[same]) : high ? 1 : -1;
    }
}
