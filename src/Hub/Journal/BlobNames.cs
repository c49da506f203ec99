using System.Security.Cryptography;

namespace Hub.Journal;

/// <summary>
/// Names of the blobs of one kernel: a GMAC (NIST SP 800-38D, with one nonce) of their bytes under a random key that lies beside them, a quarter of the
/// work of a SHA-256. To one who does not know the key, as a kernel does not, two different blobs of the same name are as hard to find; and no name leaves
/// the hub's journal.
/// </summary>
internal sealed class BlobNames(string keyPath) : IDisposable
{
    private const int KeyBytes = 16;
    private const int TagBytes = 16;

    private static readonly byte[] s_nonce = new byte[12];

    private readonly Lock _gate = new();
    private AesGcm? _mac;

    /// <summary>16 bytes of GMAC and 16 zeros, which no SHA-256 will end with.</summary>
    /// <exception cref="IOException">The key can be neither read nor written.</exception>
    public byte[] Of(ReadOnlySpan<byte> blob)
    {
        byte[] name = new byte[JournalRecordCodec.HashLength];
        lock (_gate)
        {
            _mac ??= new AesGcm(OpenKey(), TagBytes);
            _mac.Encrypt(s_nonce, ReadOnlySpan<byte>.Empty, [], name.AsSpan(0, TagBytes), blob);
        }

        return name;
    }

    /// <summary>Whether a blob is still what its name says. Journals of former versions have SHA-256 as names.</summary>
    public bool Fits(ReadOnlySpan<byte> blob, string hex)
    {
        ReadOnlySpan<byte> name = Convert.FromHexString(hex);
        return name.SequenceEqual(name[TagBytes..].ContainsAnyExcept((byte)0) ? SHA256.HashData(blob) : Of(blob));
    }

    public void Dispose()
    {
        // A reader that comes later opens the key again.
        lock (_gate)
        {
            _mac?.Dispose();
            _mac = null;
        }
    }

    private byte[] OpenKey()
    {
        if (File.Exists(keyPath) && File.ReadAllBytes(keyPath) is { Length: KeyBytes } there)
            return there;
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        string partial = keyPath + ".partial";
        Directory.CreateDirectory(Path.GetDirectoryName(keyPath)!, JournalFiles.OwnerOnly);
        File.Delete(partial);
        using (FileStream file = new(partial, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = JournalFiles.OwnerOnlyFile }))
            file.Write(key);
        File.Move(partial, keyPath, overwrite: true);
        return key;
    }
}
