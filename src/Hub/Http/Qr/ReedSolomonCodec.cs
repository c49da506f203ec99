namespace Hub.Http.Qr;

/// <summary>Reed-Solomon codewords as QR codes use them: over GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1 and generator 2 (ISO/IEC 18004, 7.5.2).</summary>
internal static class ReedSolomonCodec
{
    private const int Polynomial = 0x11D;

    /// <summary>The <paramref name="count"/> error correction codewords that follow <paramref name="data"/>.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> data, int count)
    {
        byte[] divisor = Divisor(count);
        byte[] remainder = new byte[count];
        foreach (byte one in data)
        {
            byte factor = (byte)(one ^ remainder[0]);
            Array.Copy(remainder, 1, remainder, 0, count - 1);
            remainder[^1] = 0;
            for (int i = 0; i < count; i++)
                remainder[i] ^= Multiply(divisor[i], factor);
        }
        return remainder;
    }

    /// <summary>(x - 2^0)(x - 2^1)… without its leading 1, the highest power first.</summary>
    private static byte[] Divisor(int degree)
    {
        byte[] product = new byte[degree];
        product[^1] = 1;
        byte root = 1;
        for (int i = 0; i < degree; i++)
        {
            for (int j = 0; j < degree; j++)
                product[j] = (byte)(Multiply(product[j], root) ^ (j + 1 < degree ? product[j + 1] : 0));
            root = Multiply(root, 2);
        }
        return product;
    }

    private static byte Multiply(byte one, byte other)
    {
        int product = 0;
        for (int bit = 7; bit >= 0; bit--)
        {
            product = (product << 1) ^ ((product >> 7) * Polynomial);
            product ^= ((other >> bit) & 1) * one;
        }
        return (byte)product;
    }
}
