namespace Wire.Yjs;

/// <summary>Between two items of a list.</summary>
internal readonly record struct ListPosition(Item? Left, Item? Right)
{
    private const int MarkedFrom = 32;

    /// <summary>The place before the visible unit of an index; an item across it is taken apart.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The list is shorter.</exception>
    public static ListPosition Find(SharedType type, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, type.Length);
        (Item? right, int at) = (type.Start, 0);
        if (type.Markers is not null || (type.Length > MarkedFrom && !type.HasFormats))
            (right, at) = (type.Markers ??= new PositionMarkers()).Near(type, index);
        Item? left = right?.Left;
        for (int rest = index - at; rest > 0; right = right.Right)
        {
            if (right!.IsVisible)
            {
                if (rest < right.Length)
                    type.Document!.Store.FindStart(new YId(right.Client, right.Clock + rest));
                rest -= right.Length;
            }

            left = right;
        }

        return new ListPosition(left, right);
    }

    /// <summary>Puts a new item here.</summary>
    /// <param name="index">Visible units before it; −1 where nobody keeps count.</param>
    /// <returns>The place right of it.</returns>
    public ListPosition Insert(SharedType type, Item item, YTransaction transaction, int index)
    {
        if (index >= 0 && item.IsCountable)
            type.Markers?.Shift(index, item.Length);
        (item.Left, item.Right, item.Parent) = (Left, Right, type);
        (item.Origin, item.RightOrigin) = (Left?.LastId ?? YId.None, Right?.Id ?? YId.None);
        Placement.Integrate(item, transaction);
        return new ListPosition(item, item.Right);
    }

    /// <summary>Removes visible units from here on.</summary>
    public void Remove(SharedType type, int index, int length, YTransaction transaction)
    {
        int rest = length;
        for (Item? item = Right; rest > 0 && item is not null; item = item.Right)
        {
            if (!item.IsVisible)
                continue;
            if (rest < item.Length)
                transaction.Document.Store.FindStart(new YId(item.Client, item.Clock + rest));
            rest -= item.Length;
            Placement.Remove(item, transaction);
        }

        type.Markers?.Shift(index, rest - length);
    }
}
