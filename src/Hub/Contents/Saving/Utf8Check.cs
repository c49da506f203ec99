using System.Text.Unicode;

namespace Hub.Contents.Saving;

/// <summary>Tells whether bytes that come in pieces are UTF-8; a character may be cut between two pieces.</summary>
internal struct Utf8Check
{
    private uint _cut;
    private int _cutLength;

    /// <summary>No character is half there.</summary>
    public readonly bool IsComplete => _cutLength == 0;

    /// <summary>False as soon as it cannot be UTF-8 any more.</summary>
    public bool Add(ReadOnlySpan<byte> bytes)
    {
        if (_cutLength > 0)
        {
            Span<byte> joined = stackalloc byte[8];
            for (int at = 0; at < _cutLength; at++)
                joined[at] = (byte)(_cut >> (8 * at));
            int wanted = Length(joined[0]) - _cutLength;
            int taken = Math.Min(wanted, bytes.Length);
            bytes[..taken].CopyTo(joined[_cutLength..]);
            if (taken < wanted)
                return Keep(joined[..(_cutLength + taken)]);
            joined = joined[..(_cutLength + taken)];
            _cutLength = 0;
            if (!Utf8.IsValid(joined))
                return false;
            bytes = bytes[taken..];
        }
        int whole = bytes.Length - CutAtEnd(bytes);
        return Utf8.IsValid(bytes[..whole]) && Keep(bytes[whole..]);
    }

    private bool Keep(ReadOnlySpan<byte> cut)
    {
        _cut = 0;
        _cutLength = cut.Length;
        for (int at = 0; at < cut.Length; at++)
            _cut |= (uint)cut[at] << (8 * at);
        return true;
    }

    /// <summary>How many bytes at the end begin a character that is longer than what is there.</summary>
    private static int CutAtEnd(ReadOnlySpan<byte> bytes)
    {
        for (int back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            byte lead = bytes[^back];
            if (lead >= 0xC0)
                return Length(lead) > back ? back : 0;
            if (lead < 0x80)
                return 0;
        }
        return 0;
    }

    private static int Length(byte lead) => lead switch
    {
        >= 0xF0 => 4,
        >= 0xE0 => 3,
        >= 0xC0 => 2,
        _ => 1,
    };
}
