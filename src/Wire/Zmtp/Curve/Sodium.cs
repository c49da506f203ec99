using System.Runtime.InteropServices;

namespace Wire.Zmtp.Curve;

/// <summary>The system's libsodium. Loaded when the first key is needed, so that who speaks NULL never misses it.</summary>
internal sealed unsafe class Sodium : ICurveCrypto
{
    // The names of 1.0.18 and of 1.0.19 and later, whose functions used here are the same.
    private static readonly string[] Names = ["libsodium.so.23", "libsodium.so.26"];

    private static readonly Lazy<Sodium> Loaded = new(() => new Sodium(Names));

    private readonly delegate* unmanaged<byte*, nuint, void> _random;
    private readonly delegate* unmanaged<byte*, byte*, int> _keyPair;
    private readonly delegate* unmanaged<byte*, byte*, byte*, int> _agree;
    private readonly delegate* unmanaged<byte*, byte*, ulong, byte*, byte*, int> _seal;
    private readonly delegate* unmanaged<byte*, byte*, ulong, byte*, byte*, int> _open;

    /// <exception cref="NotSupportedException">None of the libraries is installed; the text says which package brings it.</exception>
    internal Sodium(ReadOnlySpan<string> names)
    {
        nint library = Load(names);
        _random = (delegate* unmanaged<byte*, nuint, void>)NativeLibrary.GetExport(library, "randombytes_buf");
        _keyPair = (delegate* unmanaged<byte*, byte*, int>)NativeLibrary.GetExport(library, "crypto_box_keypair");
        _agree = (delegate* unmanaged<byte*, byte*, byte*, int>)NativeLibrary.GetExport(library, "crypto_box_beforenm");
        _seal = (delegate* unmanaged<byte*, byte*, ulong, byte*, byte*, int>)NativeLibrary.GetExport(library, "crypto_box_easy_afternm");
        _open = (delegate* unmanaged<byte*, byte*, ulong, byte*, byte*, int>)NativeLibrary.GetExport(library, "crypto_box_open_easy_afternm");
        var initialise = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "sodium_init");
        if (initialise() < 0)
            throw new NotSupportedException("libsodium does not start: the system gives it no random bytes");
    }

    /// <exception cref="NotSupportedException">libsodium is not installed.</exception>
    public static Sodium Instance => Loaded.Value;

    public void Fill(Span<byte> target)
    {
        fixed (byte* to = target)
            _random(to, (nuint)target.Length);
    }

    public void MakeKeyPair(Span<byte> publicKey, Span<byte> secretKey)
    {
        Require(publicKey.Length == CurveSizes.Key && secretKey.Length == CurveSizes.Key);
        fixed (byte* pub = publicKey, secret = secretKey)
            Require(_keyPair(pub, secret) == 0);
    }

    public bool TryAgree(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> secretKey, Span<byte> shared)
    {
        Require(publicKey.Length == CurveSizes.Key && secretKey.Length == CurveSizes.Key && shared.Length == CurveSizes.Key);
        fixed (byte* pub = publicKey, secret = secretKey, key = shared)
            return _agree(key, pub, secret) == 0;
    }

    public void Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shared, Span<byte> box)
    {
        Require(box.Length == plain.Length + CurveSizes.Tag && nonce.Length == CurveSizes.Nonce && shared.Length == CurveSizes.Key);
        fixed (byte* from = plain, to = box, number = nonce, key = shared)
            Require(_seal(to, from, (ulong)plain.Length, number, key) == 0);
    }

    public bool TryOpen(ReadOnlySpan<byte> box, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> shared, Span<byte> plain)
    {
        Require(box.Length == plain.Length + CurveSizes.Tag && nonce.Length == CurveSizes.Nonce && shared.Length == CurveSizes.Key);
        fixed (byte* from = box, to = plain, number = nonce, key = shared)
            return _open(to, from, (ulong)box.Length, number, key) == 0;
    }

    private static nint Load(ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
                return library;
        }

        throw new NotSupportedException(
            $"encrypted connections need libsodium and none of {string.Join(", ", names.ToArray())} is installed (Debian and Ubuntu: apt-get install libsodium23); connections without encryption work");
    }

    // Native code trusts lengths, so they are checked here; a return code that cannot be is no reason to go on with zeroes.
    private static void Require(bool fits)
    {
        if (!fits)
            throw new InvalidOperationException("a length CURVE never has, or libsodium refused to encrypt");
    }
}
