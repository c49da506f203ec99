using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

namespace Hub.Journal;

/// <summary>
/// Large buffers of one kernel, each stored once: <c>blobs/{SHA-256}.{segment}</c>, where the number is the first sequence of the newest segment that
/// needs it. So the names alone tell, also after a crash, which are needed no more. Stored by one thread, read by many.
/// </summary>
internal sealed class JournalBlobs(string directory, Action<long> beforeWrite)
{
    private const int HexLength = 2 * JournalRecordCodec.HashLength;

    private readonly ConcurrentDictionary<string, (long Segment, long Bytes)> _known = new(StringComparer.Ordinal);

    /// <summary>All of them together.</summary>
    public long Bytes { get; private set; }

    /// <summary>Finds what a former run left; half-written ones go.</summary>
    public void Load()
    {
        if (!Directory.Exists(directory))
            return;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles())
        {
            if (file.Name.Length > HexLength + 1 && file.Name[HexLength] == '.' && long.TryParse(file.Name.AsSpan(HexLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long segment))
            {
                _known[file.Name[..HexLength]] = (segment, file.Length);
                Bytes += file.Length;
            }
            else
            {
                file.Delete();
            }
        }
    }

    /// <summary>Makes sure that it is stored.</summary>
    /// <param name="buffer">What to store.</param>
    /// <param name="segment">First sequence of the segment that needs it.</param>
    /// <returns>Its SHA-256, and how many bytes had to be written.</returns>
    public (byte[] Hash, long Written) Store(ReadOnlySpan<byte> buffer, long segment)
    {
        byte[] hash = SHA256.HashData(buffer);
        string hex = Convert.ToHexStringLower(hash);
        string path = PathOf(hex, segment);
        if (_known.TryGetValue(hex, out (long Segment, long Bytes) known))
        {
            if (known.Segment != segment)
            {
                File.Move(PathOf(hex, known.Segment), path, overwrite: true);
                _known[hex] = (segment, known.Bytes);
            }

            return (hash, 0);
        }

        beforeWrite(buffer.Length);
        Directory.CreateDirectory(directory, JournalFiles.OwnerOnly);
        string partial = Path.Combine(directory, "partial");
        using (var file = File.OpenHandle(partial, FileMode.Create, FileAccess.Write, FileShare.Read, FileOptions.None))
        {
            File.SetUnixFileMode(file, JournalFiles.OwnerOnlyFile);
            RandomAccess.Write(file, buffer, 0);
        }

        File.Move(partial, path, overwrite: true);
        _known[hex] = (segment, buffer.Length);
        Bytes += buffer.Length;
        return (hash, buffer.Length);
    }

    /// <summary>Drops those that no segment needs from this one on.</summary>
    public void DropBefore(long segment)
    {
        foreach ((string hex, (long Segment, long Bytes) blob) in _known)
        {
            if (blob.Segment >= segment)
                continue;
            File.Delete(PathOf(hex, blob.Segment));
            _known.TryRemove(hex, out _);
            Bytes -= blob.Bytes;
        }
    }

    /// <summary>Reads one; false when it is gone or is no longer what it was.</summary>
    public bool TryRead(JournalRecord.Blob blob, out byte[] bytes)
    {
        // The writer may rename it in the moment between the look and the opening.
        for (int attempt = 0; attempt < 3 && _known.TryGetValue(blob.Hash, out (long Segment, long Bytes) known) && known.Bytes == blob.Length; attempt++)
        {
            try
            {
                bytes = File.ReadAllBytes(PathOf(blob.Hash, known.Segment));
                return Convert.ToHexStringLower(SHA256.HashData(bytes)) == blob.Hash;
            }
            catch (FileNotFoundException)
            {
                // Renamed: look again.
            }
        }

        bytes = [];
        return false;
    }

    private string PathOf(string hex, long segment) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{hex}.{segment:D16}"));
}
