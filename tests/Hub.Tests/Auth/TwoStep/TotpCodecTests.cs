using System.Text;
using Hub.Auth.TwoStep;
using Xunit;

namespace Hub.Tests.Auth.TwoStep;

/// <summary>Codes as the standards have them.</summary>
public sealed class TotpCodecTests
{
    private static readonly byte[] s_secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B, the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_codes_of_the_standard_come_out(long seconds, string code) =>
        Assert.Equal(code, TotpCodec.Code(s_secret, TotpCodec.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_clock_may_be_off_by_one_step(int steps, bool taken)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        long step = TotpCodec.StepAt(now) + steps;
        Assert.Equal(taken ? step : null, TotpCodec.Match(s_secret, TotpCodec.Code(s_secret, step), now, -1));
    }

    [Fact]
    public void A_code_that_was_used_and_all_before_it_are_worth_nothing()
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        long step = TotpCodec.StepAt(now);
        Assert.Null(TotpCodec.Match(s_secret, TotpCodec.Code(s_secret, step), now, step));
        Assert.Null(TotpCodec.Match(s_secret, TotpCodec.Code(s_secret, step - 1), now, step));
        Assert.Equal(step + 1, TotpCodec.Match(s_secret, TotpCodec.Code(s_secret, step + 1), now, step));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("ÿÿÿÿÿÿ")]
    public void What_is_no_code_matches_nothing(string written) => Assert.Null(TotpCodec.Match(s_secret, written, DateTimeOffset.UnixEpoch, -10));

    /// <summary>RFC 4648 § 10, without the padding.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Bytes_become_letters_as_the_standard_has_it(string text, string letters) => Assert.Equal(letters, Base32Codec.Encode(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_address_says_whose_it_is_and_cannot_be_broken_out_of() =>
        Assert.Equal(
            "otpauth://totp/Notebook%20Hub:a%3Fb%26c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Notebook%20Hub",
            TotpCodec.Address("Notebook Hub", "a?b&c", s_secret));

    [Theory]
    [InlineData("ABCD-efgh-ijkl-mnop", "abcd-efgh-ijkl-mnop")]
    [InlineData(" abcd efgh ijkl mnop ", "abcd-efgh-ijkl-mnop")]
    [InlineData("abcdefghijklmno", null)]
    [InlineData("123456", null)]
    public void A_recovery_code_is_read_however_it_was_typed(string written, string? read) => Assert.Equal(read, RecoveryCodeCodec.Normalise(written));
}
