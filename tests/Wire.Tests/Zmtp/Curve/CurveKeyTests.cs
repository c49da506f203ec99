using Testing;
using Wire.Zmtp;
using Wire.Zmtp.Curve;
using Xunit;

namespace Wire.Tests.Zmtp.Curve;

/// <summary>Keys as text, and the library they need.</summary>
public sealed class CurveKeyTests
{
    /// <summary>The pair of libzmq's own documentation.</summary>
    [Fact]
    public void Keys_read_as_libzmq_writes_them()
    {
        const string Public = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", Secret = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";
        using CurveKeyPair pair = CurveKeyPair.Parse(Public, Secret);
        Assert.Equal("BB88471D65E2659B30C55A5321CEBB5AAB2B70A398645C26DCA2B2FCB43FC518", Convert.ToHexString(pair.PublicKey.Span));
        Assert.Equal("7BB864B489AFA3671FBE69101F94B38972F24816DFB01B51656B3FEC8DFD0888", Convert.ToHexString(pair.SecretKey));
        Assert.Equal((Public, Secret), (pair.PublicText, pair.SecretText));
    }

    [Fact]
    public void Any_key_survives_its_text() => Fuzz.Run(500, random =>
    {
        byte[] key = Fuzz.RandomBytes(random, 32);
        byte[] read = new byte[32];
        Assert.True(Z85.TryRead(Z85.Write(key), read));
        Assert.Equal(key, read);
    });

    [Theory]
    [InlineData(""), InlineData("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI"), InlineData("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hI\"")]
    [InlineData("#####w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")]
    public void What_is_no_key_is_refused_without_being_told(string text)
    {
        FormatException fault = Assert.Throws<FormatException>(() => CurveKeyPair.Parse("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", text));
        Assert.Equal("the secret key is not 32 bytes in Z85 (40 characters)", fault.Message);
    }

    [Fact]
    public void A_disposed_pair_is_of_no_use_and_none_ever_shows_its_secret()
    {
        CurveKeyPair pair = CurveKeyPair.Generate();
        Assert.DoesNotContain(pair.SecretText, $"{pair} {CurveSecurity.Server(pair)} {ZmtpOptions.Default with { Curve = CurveSecurity.Server(pair) }}", StringComparison.Ordinal);
        pair.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.SecretText);
    }

    [Fact]
    public void Without_libsodium_the_error_names_it_and_the_package()
    {
        NotSupportedException fault = Assert.Throws<NotSupportedException>(() => new Sodium(["libsodium.so.not-there"]));
        Assert.Contains("libsodium.so.not-there", fault.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libsodium23", fault.Message, StringComparison.Ordinal);
    }
}
