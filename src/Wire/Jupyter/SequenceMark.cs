using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Wire.Jupyter;

/// <summary>
/// Puts a message's number in front of its metadata as bytes, without reading the rest: <c>{}</c> → <c>{"hub_seq":12}</c>,
/// <c>{"a":1}</c> → <c>{"hub_seq":12,"a":1}</c>. What is no object (a kernel may write anything) stays as it is.
/// </summary>
internal readonly ref struct SequenceMark
{
    // 11 of the name, 19 digits, and a comma.
    private const int Longest = 31;

    private readonly Bytes _prefix;
    private readonly int _length;

    /// <param name="metadata">The metadata part.</param>
    /// <param name="sequence">0 writes nothing.</param>
    public SequenceMark(ReadOnlySpan<byte> metadata, long sequence)
    {
        Rest = metadata;
        if (sequence <= 0)
            return;
        var inside = metadata.TrimStart(" \t\r\n"u8);
        // The R kernel writes an empty object as an empty list.
        var isEmptyList = inside.SequenceEqual("[]"u8);
        if (!isEmptyList && (inside.IsEmpty || inside[0] != (byte)'{'))
            return;

        inside = isEmptyList ? "}"u8 : inside[1..].TrimStart(" \t\r\n"u8);
        Span<byte> prefix = _prefix;
        var name = "{\"hub_seq\":"u8;
        name.CopyTo(prefix);
        Utf8Formatter.TryFormat(sequence, prefix[name.Length..], out var digits);
        _length = name.Length + digits;
        if (inside.IsEmpty || inside[0] != (byte)'}')
            prefix[_length++] = (byte)',';
        Rest = inside;
        ExtraLength = _length + inside.Length - metadata.Length;
    }

    /// <summary>What is written first; empty when there is no number.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Prefix => ((ReadOnlySpan<byte>)_prefix)[.._length];

    /// <summary>What follows of the metadata.</summary>
    public ReadOnlySpan<byte> Rest { get; }

    /// <summary>By how many bytes the part grows; may be negative when white space goes.</summary>
    public int ExtraLength { get; }

    [InlineArray(Longest)]
    private struct Bytes
    {
        private byte _first;
    }
}
