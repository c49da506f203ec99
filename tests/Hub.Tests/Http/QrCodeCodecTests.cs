using System.Security.Cryptography;
using System.Text;
using Hub.Http.Qr;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Against the standard's own example, its tables, and what another implementation (node-qrcode 1.5) draws for the same text.</summary>
public sealed class QrCodeCodecTests
{
    [Fact]
    public void Error_correction_is_that_of_the_standards_example() =>
        // ISO/IEC 18004, annex I: 01234567 in version 1-M.
        Assert.Equal(
            "A524D4C1ED36C7872C55",
            Convert.ToHexString(ReedSolomonCodec.Encode(Convert.FromHexString("10200C566180EC11EC11EC11EC11EC11"), 10)));

    [Theory]
    [InlineData(0, 0b101010000010010)]
    [InlineData(1, 0b101000100100101)]
    [InlineData(2, 0b101111001111100)]
    [InlineData(3, 0b101101101001011)]
    [InlineData(4, 0b100010111111001)]
    [InlineData(5, 0b100000011001110)]
    [InlineData(6, 0b100111110010111)]
    [InlineData(7, 0b100101010100000)]
    public void Format_information_of_level_M_is_that_of_annex_C(int mask, int bits) => Assert.Equal(bits, QrCodeCodec.FormatOf(mask));

    [Theory]
    [InlineData(7, 0b000111110010010100)]
    [InlineData(8, 0b001000010110111100)]
    [InlineData(10, 0b001010010011010011)]
    public void Version_information_is_that_of_annex_D(int version, int bits) => Assert.Equal(bits, QrCodeCodec.VersionOf(version));

    [Fact]
    public void One_letter_is_drawn_as_others_draw_it() =>
        Assert.Equal(
            """
            111111100101101111111
            100000101011001000001
            101110101101001011101
            101110101011001011101
            101110100100101011101
            100000100011001000001
            111111101010101111111
            000000001100000000000
            100000101011011001110
            100110000001110111001
            001011100110101100000
            010101011001111101010
            110100111101111111111
            000000001100100000101
            111111100111010011110
            100000100010001000111
            101110100111010011100
            101110100101111101000
            101110100101110111011
            100000100011111101000
            111111101010100100110
            """.ReplaceLineEndings("\n"),
            Text(QrCodeCodec.Encode("a", 5)!));

    [Theory]
    [InlineData("https://hub.example.org/hub/join/7KQ4-M2XH", 4, 29, "adf0e14f061a60539be488fc1a78332bae5588852c99cd594c50aead31ed18b0")]
    [InlineData("http://127.0.0.1:8000/hub/join/ABCD-2345", 2, 29, "612de4612a685d1a876a8161a07d3ed82025ea75c06267773a535fe7c56dd1c2")]
    [InlineData(
        "https://notebooks.university.example.edu/some/base/path/hub/join/ABCD-2345?and=more&and=moremoremoremoremoremoremore", 7, 45,
        "350b75f40d0e69e69d392621b1099c6af5ecc8c5ac09b394967f39a86f78d5d9")]
    [InlineData("x*150", 2, 49, "9782fa7f0642d3e6b22295c01fc9e2fe9a0f19d22af2cf7b3964dcb6a932e44e")]
    [InlineData("y*213", 1, 57, "3bb4dc258df63cd72866923bcf69b2a163f017bd6dd5d9d77a92f7f81ad9c892")]
    public void Addresses_are_drawn_as_others_draw_them(string text, int mask, int side, string hash)
    {
        string whole = text[1] == '*' ? new string(text[0], int.Parse(text[2..], System.Globalization.CultureInfo.InvariantCulture)) : text;
        bool[,] modules = QrCodeCodec.Encode(whole, mask)!;
        Assert.Equal(side, modules.GetLength(0));
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(modules)))));
    }

    [Theory]
    [InlineData("https://hub.example.org/hub/join/7KQ4-M2XH", 4)]
    [InlineData("a", 5)]
    public void The_mask_that_reads_best_is_taken(string text, int mask) => Assert.Equal(Text(QrCodeCodec.Encode(text, mask)!), Text(QrCodeCodec.Encode(text)!));

    [Fact]
    public void What_is_too_long_is_refused()
    {
        Assert.NotNull(QrCodeCodec.Encode(new string('a', 213)));
        Assert.Null(QrCodeCodec.Encode(new string('a', 214)));
        Assert.Null(QrCodeCodec.Encode(new string('ä', 107)));
    }

    [Fact]
    public void The_picture_has_the_dark_modules_and_a_quiet_zone()
    {
        string svg = QrSvgCodec.Encode(new[,] { { true, true, false }, { false, false, true }, { true, false, true } });
        Assert.Contains("viewBox=\"0 0 11 11\"", svg, StringComparison.Ordinal);
        Assert.Contains("d=\"M4 4h2v1h-2zM6 5h1v1h-1zM4 6h1v1h-1zM6 6h1v1h-1z\"", svg, StringComparison.Ordinal);
    }

    private static string Text(bool[,] modules)
    {
        var rows = new StringBuilder();
        for (int row = 0; row < modules.GetLength(0); row++)
        {
            if (row > 0)
                rows.Append('\n');
            for (int column = 0; column < modules.GetLength(1); column++)
                rows.Append(modules[row, column] ? '1' : '0');
        }
        return rows.ToString();
    }
}
