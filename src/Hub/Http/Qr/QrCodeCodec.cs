using System.Text;

namespace Hub.Http.Qr;

/// <summary>
/// A text as the modules of a QR code: byte mode, error correction level M, versions 1 to 10, the mask that reads best (ISO/IEC 18004). Up to 213 bytes of UTF-8.
/// </summary>
internal static class QrCodeCodec
{
    private const int ByteMode = 0b0100;

    /// <summary>Level M in the format information.</summary>
    private const int LevelM = 0b00;

    /// <summary>Rows of modules, true is dark, without the quiet zone; null when the text is too long.</summary>
    public static bool[,]? Encode(string text) => Encode(text, null);

    /// <summary>The same under a mask of choice, for comparison with what others draw.</summary>
    internal static bool[,]? Encode(string text, int? mask)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (QrVersion.For(bytes.Length) is not { } version)
            return null;
        QrGrid grid = new(version.Side);
        DrawPattern(grid, version);
        DrawData(grid, Interleave(Codewords(bytes, version), version));
        int best = mask ?? Enumerable.Range(0, 8).MinBy(one => Masked(grid, one));
        grid.Mask(best);
        DrawFormat(grid, best);
        return grid.ToModules();
    }

    private static int Masked(QrGrid grid, int mask)
    {
        grid.Mask(mask);
        DrawFormat(grid, mask);
        int points = QrPenaltyPolicy.Of(grid);
        grid.Mask(mask);
        return points;
    }

    /// <summary>Mode, count, bytes, up to four zero bits, zero bits to the byte, and 236 and 17 in turns until it is full.</summary>
    internal static byte[] Codewords(ReadOnlySpan<byte> bytes, QrVersion version)
    {
        byte[] words = new byte[version.DataCodewords];
        int at = 0;
        void Append(int value, int bits)
        {
            for (int bit = bits - 1; bit >= 0; bit--, at++)
                words[at / 8] |= (byte)(((value >> bit) & 1) << (7 - (at % 8)));
        }

        Append(ByteMode, 4);
        Append(bytes.Length, version.CountBits);
        foreach (byte one in bytes)
            Append(one, 8);
        at = Math.Min(at + 4, words.Length * 8);
        for (int word = (at + 7) / 8, pad = 236; word < words.Length; word++, pad ^= 236 ^ 17)
            words[word] = (byte)pad;
        return words;
    }

    /// <summary>Cut into blocks, each with its correction; then the first of every block, the second of every block, and so on.</summary>
    internal static byte[] Interleave(byte[] words, QrVersion version)
    {
        List<byte[]> blocks = [];
        for (int block = 0, from = 0; block < version.Blocks; block++)
        {
            int length = version.Data + (block >= version.Blocks - version.LongBlocks ? 1 : 0);
            blocks.Add(words[from..(from + length)]);
            from += length;
        }
        List<byte[]> corrections = [.. blocks.Select(block => ReedSolomonCodec.Encode(block, version.Correction))];
        List<byte> sent = [];
        for (int i = 0; i <= version.Data; i++)
            sent.AddRange(blocks.Where(block => i < block.Length).Select(block => block[i]));
        for (int i = 0; i < version.Correction; i++)
            sent.AddRange(corrections.Select(correction => correction[i]));
        return [.. sent];
    }

    private static void DrawPattern(QrGrid grid, QrVersion version)
    {
        for (int i = 0; i < grid.Side; i++)
        {
            grid.Reserve(6, i, i % 2 == 0);
            grid.Reserve(i, 6, i % 2 == 0);
        }
        DrawFinder(grid, 3, 3);
        DrawFinder(grid, 3, grid.Side - 4);
        DrawFinder(grid, grid.Side - 4, 3);
        int[] centres = version.Alignment;
        int last = centres.Length - 1;
        for (int i = 0; i < centres.Length; i++)
        {
            for (int j = 0; j < centres.Length; j++)
            {
                // The three corners have a finder pattern.
                if ((i, j) != (0, 0) && (i, j) != (0, last) && (i, j) != (last, 0))
                    DrawSquares(grid, centres[i], centres[j], 2);
            }
        }
        DrawFormat(grid, 0); // keeps the place
        DrawVersion(grid, version.Number);
    }

    private static void DrawFinder(QrGrid grid, int row, int column)
    {
        for (int down = -4; down <= 4; down++)
        {
            for (int right = -4; right <= 4; right++)
            {
                if (row + down >= 0 && row + down < grid.Side && column + right >= 0 && column + right < grid.Side)
                    grid.Reserve(row + down, column + right, Math.Max(Math.Abs(down), Math.Abs(right)) is not (2 or 4));
            }
        }
    }

    private static void DrawSquares(QrGrid grid, int row, int column, int radius)
    {
        for (int down = -radius; down <= radius; down++)
        {
            for (int right = -radius; right <= radius; right++)
                grid.Reserve(row + down, column + right, Math.Max(Math.Abs(down), Math.Abs(right)) != 1);
        }
    }

    /// <summary>Level and mask with their own correction, BCH (15, 5), in two places (7.9).</summary>
    private static void DrawFormat(QrGrid grid, int mask)
    {
        int format = FormatOf(mask);
        bool Bit(int at) => ((format >> at) & 1) != 0;

        int end = grid.Side - 1;
        for (int i = 0; i < 15; i++)
        {
            // Around the upper left finder, past the timing pattern.
            int along = i < 6 ? i : i < 8 ? i + 1 : 0;
            if (i < 8)
                grid.Reserve(along, 8, Bit(i));
            else
                grid.Reserve(8, i == 8 ? 7 : 14 - i, Bit(i));
            // The second copy, beside the other two.
            if (i < 8)
                grid.Reserve(8, end - i, Bit(i));
            else
                grid.Reserve(end - 14 + i, 8, Bit(i));
        }
        grid.Reserve(grid.Side - 8, 8, true);
    }

    /// <summary>The fifteen bits for level M and <paramref name="mask"/>.</summary>
    internal static int FormatOf(int mask)
    {
        int data = (LevelM << 3) | mask;
        int remainder = data;
        for (int i = 0; i < 10; i++)
            remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537);
        return ((data << 10) | remainder) ^ 0x5412;
    }

    /// <summary>From version 7 on the version stands there with its correction, BCH (18, 6), in two places (7.10).</summary>
    private static void DrawVersion(QrGrid grid, int version)
    {
        if (version < 7)
            return;
        int bits = VersionOf(version);
        for (int i = 0; i < 18; i++)
        {
            bool dark = ((bits >> i) & 1) != 0;
            grid.Reserve(i / 3, grid.Side - 11 + (i % 3), dark);
            grid.Reserve(grid.Side - 11 + (i % 3), i / 3, dark);
        }
    }

    internal static int VersionOf(int version)
    {
        int remainder = version;
        for (int i = 0; i < 12; i++)
            remainder = (remainder << 1) ^ ((remainder >> 11) * 0x1F25);
        return (version << 12) | remainder;
    }

    /// <summary>In columns of two from the right, up and down in turns, the timing column left out.</summary>
    private static void DrawData(QrGrid grid, byte[] sent)
    {
        int at = 0;
        for (int right = grid.Side - 1; right > 0; right -= 2)
        {
            if (right == 6)
                right--;
            bool up = ((right + 1) & 2) == 0;
            for (int step = 0; step < grid.Side; step++)
            {
                int row = up ? grid.Side - 1 - step : step;
                for (int column = right; column > right - 2; column--)
                {
                    if (grid.IsReserved(row, column) || at >= sent.Length * 8)
                        continue;
                    grid.Set(row, column, ((sent[at / 8] >> (7 - (at % 8))) & 1) != 0);
                    at++;
                }
            }
        }
    }
}
