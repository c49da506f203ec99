using System.Globalization;

namespace Wire.Yjs;

/// <summary>Bytes that are no update, state vector, snapshot or message of Yjs. The document is as it was before.</summary>
/// <param name="problem">What is wrong.</param>
/// <param name="offset">Bytes read before.</param>
public sealed class YjsFormatException(string problem, int offset) : Exception(string.Create(CultureInfo.InvariantCulture, $"{problem} ({offset} bytes in)"))
{
    public string Problem { get; } = problem;

    public int Offset { get; } = offset;
}
