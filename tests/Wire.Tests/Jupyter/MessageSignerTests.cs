using System.Security.Cryptography;
using System.Text;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Wire.Tests.Jupyter;

public sealed class MessageSignerTests
{
    [Fact]
    public void The_signature_is_the_hash_of_the_four_parts_in_order_and_of_nothing_else()
    {
        using var signer = new MessageSigner("key");
        var message = Messages.Make(parent: """{"a":1}""", metadata: """{"b":2}""", buffers: [[9, 9]]);
        var expected = HMACSHA256.HashData("key"u8, Encoding.UTF8.GetBytes(Messages.Header + """{"a":1}{"b":2}{"code":"1+1"}"""));
        Assert.Equal(Convert.ToHexStringLower(expected), Sign(signer, message));
    }

    [Theory, InlineData("hmac-sha256", 64), InlineData("hmac-sha512", 128), InlineData("hmac-md5", 32)]
    public void Each_scheme_signs_what_it_verifies(string scheme, int length)
    {
        using var signer = new MessageSigner("key", scheme);
        var message = Messages.Make();
        Assert.Equal(length, signer.SignatureLength);
        var signature = Sign(signer, message);
        Assert.Equal(length, signature.Length);
        Assert.True(Verify(signer, signature, message));
    }

    // RFC 4231, test case 2, with the data split over the parts: only their concatenation counts.
    [Fact]
    public void A_published_test_vector_comes_out()
    {
        using var signer = new MessageSigner("Jefe");
        var signature = new byte[64];
        Assert.Equal(64, signer.Sign("what do "u8, "ya want "u8, "for "u8, "nothing?"u8, signature));
        Assert.Equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", Encoding.ASCII.GetString(signature));
    }

    /// <summary>The system's libcrypto computes what the base library does, for keys shorter and longer than a block.</summary>
    [Fact]
    public void Parts_in_one_piece_verify_as_the_base_library_signs_them() => Fuzz.Run(300, random =>
    {
        var key = new string('k', random.Next(1, 150)) + random.Next();
        using var signer = new MessageSigner(key);
        var parts = Fuzz.RandomBytes(random, random.Next(3) == 0 ? random.Next(200) : random.Next(20_000));
        var expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), parts)));
        Assert.NotNull(Sha256Mac.TryCreate("key"u8));
        Assert.True(signer.Verify(expected, parts));
        Assert.False(signer.Verify(expected.AsSpan(1), parts));
        expected[random.Next(expected.Length)] ^= 1;
        Assert.False(signer.Verify(expected, parts));
        if (parts.Length > 0)
        {
            expected = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), parts)));
            parts[random.Next(parts.Length)] ^= 1;
            Assert.False(signer.Verify(expected, parts));
        }
    });

    [Fact]
    public void Threads_may_verify_side_by_side()
    {
        using var signer = new MessageSigner("key");
        Parallel.For(0, 20_000, i =>
        {
            var parts = BitConverter.GetBytes(i);
            Assert.True(signer.Verify(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(HMACSHA256.HashData("key"u8, parts))), parts));
        });
    }

    [Fact]
    public void One_flipped_bit_anywhere_in_signature_or_parts_does_not_pass()
    {
        using var signer = new MessageSigner("key");
        byte[][] parts = [[.. "header"u8], [.. "parent"u8], [.. "metadata"u8], [.. "content"u8]];
        var signature = new byte[64];
        signer.Sign(parts[0], parts[1], parts[2], parts[3], signature);
        Assert.True(signer.Verify(signature, parts[0], parts[1], parts[2], parts[3]));
        foreach (var part in parts.Append(signature))
        {
            for (var bit = 0; bit < part.Length * 8; bit++)
            {
                part[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(signer.Verify(signature, parts[0], parts[1], parts[2], parts[3]));
                part[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }

        // Swapped parts are other bytes; a shorter, longer or upper-case signature is none.
        Assert.False(signer.Verify(signature, parts[1], parts[0], parts[2], parts[3]));
        Assert.False(signer.Verify(signature.AsSpan(0, 63), parts[0], parts[1], parts[2], parts[3]));
        Assert.False(signer.Verify([.. signature, 0x30], parts[0], parts[1], parts[2], parts[3]));
        Assert.False(signer.Verify([], parts[0], parts[1], parts[2], parts[3]));
        Assert.False(signer.Verify(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(signature).ToUpperInvariant()), parts[0], parts[1], parts[2], parts[3]));
    }

    [Fact]
    public void An_empty_key_switches_signing_off()
    {
        using var signer = new MessageSigner("");
        Assert.Equal(0, signer.SignatureLength);
        Assert.Equal("", Sign(signer, Messages.Make()));
        Assert.True(Verify(signer, "", Messages.Make()));
    }

    [Fact]
    public void Signing_and_verifying_allocate_nothing()
    {
        using var signer = new MessageSigner("key");
        var message = Messages.Make();
        var signature = new byte[64];
        signer.Sign(message, signature);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            signer.Sign(message, signature);
            signer.Verify(signature, message.Header.Span, message.ParentHeader.Span, message.Metadata.Span, message.Content.Span);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Many_threads_at_once_get_right_signatures()
    {
        using var signer = new MessageSigner("key");
        var message = Messages.Make();
        var expected = Sign(signer, message);
        var signatures = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 200).Select(_ => Sign(signer, message)).Distinct().ToList())));
        Assert.All(signatures, each => Assert.Equal([expected], each));
    }

    private static string Sign(MessageSigner signer, KernelMessage message)
    {
        var signature = new byte[MessageSigner.MaxSignatureLength];
        return Encoding.ASCII.GetString(signature, 0, signer.Sign(message, signature));
    }

    private static bool Verify(MessageSigner signer, string signature, KernelMessage message) =>
        signer.Verify(Encoding.ASCII.GetBytes(signature), message.Header.Span, message.ParentHeader.Span, message.Metadata.Span, message.Content.Span);
}
