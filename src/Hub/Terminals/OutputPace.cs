namespace Hub.Terminals;

/// <summary>
/// How fast a terminal may send (pure): a bucket that fills by so many bytes a second and holds a quarter of a second's worth, so that a burst such as a
/// directory's listing goes through at once.
/// </summary>
internal struct OutputPace(int bytesPerSecond)
{
    private double _debt;
    private TimeSpan _at;

    /// <summary>So many bytes came now; returns how long to wait before more are taken.</summary>
    public TimeSpan Take(int bytes, TimeSpan now)
    {
        _debt = Math.Max(0, _debt - ((now - _at).TotalSeconds * bytesPerSecond)) + bytes;
        _at = now;
        double beyond = _debt - (bytesPerSecond / 4.0);
        return beyond > 0 ? TimeSpan.FromSeconds(beyond / bytesPerSecond) : TimeSpan.Zero;
    }
}
