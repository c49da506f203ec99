using System.Buffers.Binary;

namespace Hub.Contents.Archives;

/// <summary>The numbers of a zip's headers one after the other, the lowest byte first.</summary>
internal sealed class ZipFields
{
    private readonly byte[] _room = new byte[128];
    private int _length;

    public ReadOnlySpan<byte> Written => _room.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public ZipFields Add(byte value)
    {
        _room[_length++] = value;
        return this;
    }

    public ZipFields Add(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_room.AsSpan(_length), value);
        _length += sizeof(ushort);
        return this;
    }

    public ZipFields Add(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_room.AsSpan(_length), value);
        _length += sizeof(uint);
        return this;
    }

    public ZipFields Add(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_room.AsSpan(_length), value);
        _length += sizeof(ulong);
        return this;
    }
}
