using System.Buffers.Binary;

namespace Hub.Contents.Archives;

/// <summary>The checksum of zip (ISO-HDLC, polynomial EDB88320), eight bytes at a time; the processor's own instruction knows only another polynomial.</summary>
internal struct Crc32
{
    private static readonly uint[][] s_tables = Tables();

    private uint _inverted;

    public readonly uint Value => _inverted;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        uint[][] t = s_tables;
        uint crc = ~_inverted;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[7][low & 0xFF] ^ t[6][(low >> 8) & 0xFF] ^ t[5][(low >> 16) & 0xFF] ^ t[4][low >> 24]
                ^ t[3][high & 0xFF] ^ t[2][(high >> 8) & 0xFF] ^ t[1][(high >> 16) & 0xFF] ^ t[0][high >> 24];
        }
        foreach (byte next in bytes)
            crc = t[0][(crc ^ next) & 0xFF] ^ (crc >> 8);
        _inverted = ~crc;
    }

    private static uint[][] Tables()
    {
        uint[][] tables = [.. Enumerable.Range(0, 8).Select(_ => new uint[256])];
        for (uint number = 0; number < 256; number++)
        {
            uint crc = number;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            tables[0][number] = crc;
        }
        for (int table = 1; table < 8; table++)
            for (int number = 0; number < 256; number++)
                tables[table][number] = tables[0][tables[table - 1][number] & 0xFF] ^ (tables[table - 1][number] >> 8);
        return tables;
    }
}
