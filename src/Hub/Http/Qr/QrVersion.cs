namespace Hub.Http.Qr;

/// <summary>What a version (size) of a QR code holds at error correction level M (ISO/IEC 18004, tables 7 and 9).</summary>
/// <param name="Number">1 to 10; the side has 17 + 4 × this many modules.</param>
/// <param name="Correction">Error correction codewords of each block.</param>
/// <param name="Blocks">Blocks there are.</param>
/// <param name="Data">Data codewords of a short block.</param>
/// <param name="LongBlocks">How many of the blocks, the last ones, have one data codeword more.</param>
internal sealed record QrVersion(int Number, int Correction, int Blocks, int Data, int LongBlocks)
{
    /// <summary>Enough for an address of 213 bytes.</summary>
    private static readonly QrVersion[] s_all =
    [
        new(1, 10, 1, 16, 0), new(2, 16, 1, 28, 0), new(3, 26, 1, 44, 0), new(4, 18, 2, 32, 0), new(5, 24, 2, 43, 0),
        new(6, 16, 4, 27, 0), new(7, 18, 4, 31, 0), new(8, 22, 4, 38, 2), new(9, 22, 5, 36, 2), new(10, 26, 5, 43, 1),
    ];

    public int Side => 17 + (4 * Number);

    public int DataCodewords => (Blocks * Data) + LongBlocks;

    /// <summary>Bits that say how many bytes follow, in byte mode.</summary>
    public int CountBits => Number < 10 ? 8 : 16;

    /// <summary>Bytes of text it takes: four bits say the mode.</summary>
    public int Capacity => ((DataCodewords * 8) - 4 - CountBits) / 8;

    /// <summary>Centres of the alignment patterns, both ways.</summary>
    public int[] Alignment => Number switch
    {
        1 => [],
        < 7 => [6, Side - 7],
        _ => [6, (Side - 1) / 2, Side - 7],
    };

    /// <summary>The smallest that takes <paramref name="bytes"/>; null when none does.</summary>
    public static QrVersion? For(int bytes) => Array.Find(s_all, version => version.Capacity >= bytes);
}
