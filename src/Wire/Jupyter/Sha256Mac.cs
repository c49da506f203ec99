using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Wire.Jupyter;

/// <summary>
/// HMAC-SHA256 (RFC 2104) by the system's libcrypto, with the two hashes that a key begins with kept ready. For a message of 300 bytes it takes
/// three fifths of the time of the base library's, which prepares the key and looks its algorithm up anew each time; and this is most of what a message costs.
/// </summary>
/// <remarks>
/// The hashing is libcrypto's, the same the base library uses; only its state is copied here. Where libcrypto is not found, or does not agree with the
/// base library on a known message, <see cref="TryCreate"/> says no and the base library does it all. Safe for several threads.
/// </remarks>
internal sealed unsafe class Sha256Mac
{
    public const int MacBytes = 32;

    private const int BlockBytes = 64;

    // SHA256_CTX has 112 bytes in every OpenSSL since 0.9.8; with some to spare.
    private const int StateBytes = 256;

    private static readonly Functions? Library = Load();

    private readonly byte[] _inner = GC.AllocateArray<byte>(StateBytes, pinned: true);
    private readonly byte[] _outer = GC.AllocateArray<byte>(StateBytes, pinned: true);

    private Sha256Mac(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        if (key.Length > BlockBytes)
            SHA256.HashData(key, block);
        else
            key.CopyTo(block);
        Begin(block, 0x36, _inner);
        Begin(block, 0x5C, _outer);
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>Null where the base library has to do it.</summary>
    public static Sha256Mac? TryCreate(ReadOnlySpan<byte> key) => Library is null ? null : new Sha256Mac(key);

    /// <summary>Writes the 32 bytes of the MAC over parts that lie one behind the other.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> mac)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mac.Length, MacBytes);
        var library = Library!;
        var state = stackalloc byte[StateBytes];
        fixed (byte* data = message, result = mac)
        {
            _inner.AsSpan().CopyTo(new Span<byte>(state, StateBytes));
            Require(library.Update(state, data, (nuint)message.Length) & library.Final(result, state));
            _outer.AsSpan().CopyTo(new Span<byte>(state, StateBytes));
            Require(library.Update(state, result, MacBytes) & library.Final(result, state));
        }
    }

    /// <summary>Zeroes what the key was made into.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_inner);
        CryptographicOperations.ZeroMemory(_outer);
    }

    private static void Begin(ReadOnlySpan<byte> key, byte pad, Span<byte> state)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        for (var i = 0; i < BlockBytes; i++)
            block[i] = (byte)(key[i] ^ pad);
        fixed (byte* at = state, from = block)
            Require(Library!.Init(at) & Library.Update(at, from, BlockBytes));
        CryptographicOperations.ZeroMemory(block);
    }

    private static void Require(int succeeded)
    {
        if (succeeded != 1)
            throw new CryptographicException("libcrypto refused to hash");
    }

    private static Functions? Load()
    {
        foreach (var name in (string[])["libcrypto.so.3", "libcrypto.so.1.1"])
        {
            if (NativeLibrary.TryLoad(name, out var library)
                && NativeLibrary.TryGetExport(library, "SHA256_Init", out var init)
                && NativeLibrary.TryGetExport(library, "SHA256_Update", out var update)
                && NativeLibrary.TryGetExport(library, "SHA256_Final", out var final)
                && Functions.Of(init, update, final) is var found && found.Agrees())
                return found;
        }

        return null;
    }

    private sealed class Functions
    {
        private delegate* unmanaged<byte*, int> _init;
        private delegate* unmanaged<byte*, byte*, nuint, int> _update;
        private delegate* unmanaged<byte*, byte*, int> _final;

        public static Functions Of(nint init, nint update, nint final) => new()
        {
            _init = (delegate* unmanaged<byte*, int>)init,
            _update = (delegate* unmanaged<byte*, byte*, nuint, int>)update,
            _final = (delegate* unmanaged<byte*, byte*, int>)final,
        };

        public int Init(byte* state) => _init(state);

        public int Update(byte* state, byte* data, nuint length) => _update(state, data, length);

        public int Final(byte* result, byte* state) => _final(result, state);

        public bool Agrees()
        {
            Span<byte> message = stackalloc byte[200];
            message.Fill(7);
            Span<byte> hash = stackalloc byte[MacBytes];
            var state = stackalloc byte[StateBytes];
            fixed (byte* from = message, to = hash)
            {
                if ((Init(state) & Update(state, from, (nuint)message.Length) & Final(to, state)) != 1)
                    return false;
            }

            return hash.SequenceEqual(SHA256.HashData(message));
        }
    }
}
