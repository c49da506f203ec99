using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Hub.Journal;

/// <summary>
/// Large buffers of one kernel, each stored once: <c>blobs/{name}.{segment}</c>, where the name is of <see cref="BlobNames"/> and the number is the first sequence of the newest segment that
/// needs it. So the names alone tell, also after a crash, which are needed no more. Stored by one thread, read by many.
/// </summary>
internal sealed class JournalBlobs(string directory, Action<long> beforeWrite) : IDisposable
{
    private const int HexLength = 2 * JournalRecordCodec.HashLength;

    private readonly BlobNames _names = new(directory + ".key");
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
    /// <returns>Its name, and how many bytes had to be written.</returns>
    public (byte[] Name, long Written) Store(ReadOnlySpan<byte> buffer, long segment)
    {
        byte[] name = _names.Of(buffer);
        string hex = Convert.ToHexStringLower(name);
        string path = PathOf(hex, segment);
        if (_known.TryGetValue(hex, out (long Segment, long Bytes) known))
        {
            if (known.Segment != segment)
            {
                File.Move(PathOf(hex, known.Segment), path, overwrite: true);
                _known[hex] = (segment, known.Bytes);
            }

            return (name, 0);
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
        return (name, buffer.Length);
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
    /// <param name="blob">Which.</param>
    /// <param name="into">As many bytes as it has.</param>
    public bool TryRead(JournalRecord.Blob blob, Span<byte> into)
    {
        // The writer may rename it in the moment between the look and the opening.
        for (int attempt = 0; attempt < 3 && _known.TryGetValue(blob.Name, out (long Segment, long Bytes) known) && known.Bytes == blob.Length; attempt++)
        {
            try
            {
                using SafeFileHandle file = File.OpenHandle(PathOf(blob.Name, known.Segment));
                return RandomAccess.GetLength(file) == into.Length && ReadWhole(file, into) && _names.Fits(into, blob.Name);
            }
            catch (FileNotFoundException)
            {
                // Renamed: look again.
            }
        }

        return false;
    }

    public void Dispose() => _names.Dispose();

    private static bool ReadWhole(SafeFileHandle file, Span<byte> into)
    {
        for (int at = 0; at < into.Length;)
        {
            int read = RandomAccess.Read(file, into[at..], at);
            if (read == 0)
                return false;
            at += read;
        }

        return true;
    }

    private string PathOf(string hex, long segment) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{hex}.{segment:D16}"));
}
