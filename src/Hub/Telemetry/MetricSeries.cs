namespace Hub.Telemetry;

/// <summary>The values of one instrument with one set of labels. Thread-safe: measurements come from everywhere.</summary>
/// <param name="labels">Ready for the text form: <c>method="GET",status="200"</c>; may be empty.</param>
/// <param name="bounds">Upper bounds of a histogram's buckets, rising; null for a single value.</param>
internal sealed class MetricSeries(string labels, double[]? bounds)
{
    private readonly Lock _gate = new();
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double _value;
    private long _count;

    public string Labels { get; } = labels;

    public void Add(double amount)
    {
        lock (_gate)
            _value += amount;
    }

    public void Set(double value)
    {
        lock (_gate)
            _value = value;
    }

    public void Record(double value)
    {
        int bucket = Array.BinarySearch(bounds!, value);
        lock (_gate)
        {
            _buckets![bucket < 0 ? ~bucket : bucket]++;
            _count++;
            _value += value;
        }
    }

    /// <summary>Sum (or value), count, and the buckets, not yet cumulated.</summary>
    public (double Value, long Count, long[]? Buckets) Read()
    {
        lock (_gate)
            return (_value, _count, _buckets is null ? null : [.. _buckets]);
    }
}
