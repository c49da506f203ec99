namespace Wire.Yjs;

/// <summary>
/// Places in a long list that were looked for lately, so that the next search begins nearby and not at the start. They hold only between changes of one's own:
/// others' changes forget them all.
/// </summary>
internal sealed class PositionMarkers
{
    private const int MaxMarkers = 80;

    private readonly List<PositionMarker> _markers = [];
    private long _uses;

    /// <summary>An item near the index, and how many visible units stand before it; the start where nothing is known.</summary>
    public (Item? Item, int Index) Near(SharedType type, int index)
    {
        if (type.Start is not { } item || index == 0)
            return (type.Start, 0);
        PositionMarker? marker = Closest(index);
        (item, int at) = marker is null ? (item, 0) : (marker.Item, marker.Index);
        if (marker is not null)
            marker.Used = ++_uses;
        for (; item.Right is not null && at < index; item = item.Right)
        {
            if (!item.IsVisible)
                continue;
            if (index < at + item.Length)
                break;
            at += item.Length;
        }

        for (; item.Left is not null && at > index; item = item.Left, at -= item.IsVisible ? item.Length : 0)
        {
        }

        if (marker is not null && Math.Abs(marker.Index - at) < type.Length / MaxMarkers)
            Move(marker, item, at);
        else
            Remember(item, at);
        return (item, at);
    }

    /// <summary>To be told before visible units are put in (or taken out, less than nothing) at an index.</summary>
    public void Shift(int index, int length)
    {
        for (int place = _markers.Count - 1; place >= 0; place--)
        {
            PositionMarker marker = _markers[place];
            if (length > 0 && !TryMakeVisible(marker))
            {
                _markers.RemoveAt(place);
                continue;
            }

            if (index < marker.Index || (length > 0 && index == marker.Index))
                marker.Index = Math.Max(index, marker.Index + length);
        }
    }

    /// <summary>An item went into the one left of it.</summary>
    public void Replace(Item gone, Item left)
    {
        foreach (PositionMarker marker in _markers)
        {
            if (marker.Item != gone)
                continue;
            marker.Item = left;
            left.IsMarked = true;
            if (left.IsVisible)
                marker.Index -= left.Length;
        }
    }

    public void Clear()
    {
        foreach (PositionMarker marker in _markers)
            marker.Item.IsMarked = false;
        _markers.Clear();
    }

    /// <summary>An index is of use only at something visible; two markers at one item are one too many.</summary>
    private static bool TryMakeVisible(PositionMarker marker)
    {
        Item? item = marker.Item;
        item.IsMarked = false;
        while (item is { IsVisible: false })
        {
            item = item.Left;
            if (item is { IsVisible: true })
                marker.Index -= item.Length;
        }

        if (item is null or { IsMarked: true })
            return false;
        marker.Item = item;
        item.IsMarked = true;
        return true;
    }

    private PositionMarker? Closest(int index)
    {
        PositionMarker? closest = null;
        foreach (PositionMarker marker in _markers)
            if (closest is null || Math.Abs(marker.Index - index) < Math.Abs(closest.Index - index))
                closest = marker;
        return closest;
    }

    private void Remember(Item item, int index)
    {
        if (_markers.Count < MaxMarkers)
        {
            item.IsMarked = true;
            _markers.Add(new PositionMarker { Item = item, Index = index, Used = ++_uses });
            return;
        }

        Move(_markers.MinBy(marker => marker.Used)!, item, index);
    }

    private void Move(PositionMarker marker, Item item, int index)
    {
        marker.Item.IsMarked = false;
        item.IsMarked = true;
        (marker.Item, marker.Index, marker.Used) = (item, index, ++_uses);
    }
}
