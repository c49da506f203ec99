using System.Globalization;

namespace Wire.Yjs;

/// <summary>What was to be read or kept is beyond one of <see cref="YjsLimits"/>.</summary>
/// <param name="limit">Name of the limit.</param>
/// <param name="allowed">Its value.</param>
public sealed class YjsLimitException(string limit, long allowed) : Exception(string.Create(CultureInfo.InvariantCulture, $"More than {limit} allows ({allowed})"))
{
    public string Limit { get; } = limit;

    public long Allowed { get; } = allowed;
}
