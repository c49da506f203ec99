using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Hub.Journal;

/// <summary>
/// The files of one journal: <c>{kernel}/{first sequence}.seg</c>, <c>{kernel}/blobs/</c> and <c>{kernel}/lock</c>, which one process holds. Used by one
/// thread at a time; <see cref="Segments"/> may be read by any.
/// </summary>
/// <remarks>A failed write leaves everything as it was before: the next one begins at the same place of the file.</remarks>
internal sealed class JournalFiles : IDisposable
{
    public const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public const UnixFileMode OwnerOnly = OwnerOnlyFile | UnixFileMode.UserExecute;

    private const int BufferBytes = 256 << 10;

    /// <summary>EWOULDBLOCK: somebody else has the lock.</summary>
    private const int WouldBlock = 11;

    private readonly string _directory;
    private readonly JournalOptions _options;
    private readonly Action<long> _beforeWrite;
    private readonly FileStream _lock;
    private OpenExecutions _executions = new();
    private ImmutableArray<Segment> _segments = [];
    private SafeFileHandle? _file;

    private JournalFiles(string directory, JournalOptions options, Action<long> beforeWrite)
    {
        (_directory, _options, _beforeWrite) = (directory, options, beforeWrite);
        Directory.CreateDirectory(directory, OwnerOnly);
        _lock = TakeLock(directory);
        Blobs = new JournalBlobs(Path.Combine(directory, "blobs"), beforeWrite);
    }

    public JournalBlobs Blobs { get; }

    /// <summary>Oldest first. The last is the one that grows.</summary>
    public ImmutableArray<Segment> Segments => _segments;

    /// <summary>Sequence of the newest entry in the files, or of the one before the first there will be.</summary>
    public long Last { get; private set; }

    /// <summary>Bytes that were cut off at opening, because they were no whole record.</summary>
    public long Cut { get; private set; }

    /// <summary>Everything on disk.</summary>
    public long Bytes => _segments.Sum(segment => segment.End.Bytes) + Blobs.Bytes;

    /// <summary>Where the oldest execution begins that has not ended; <see cref="long.MaxValue"/> when all have.</summary>
    public long OldestRunning => _executions.Oldest;

    /// <summary>Opens what is there, cuts a torn end, or begins anew.</summary>
    /// <param name="directory">That of the kernel.</param>
    /// <param name="options">Sizes.</param>
    /// <param name="beforeWrite">Told how many bytes are about to be written; what it throws counts as the disk's refusal.</param>
    /// <exception cref="JournalInUseException">Another process holds it.</exception>
    /// <exception cref="IOException">The disk does not work.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not ours.</exception>
    public static JournalFiles Open(string directory, JournalOptions options, Action<long> beforeWrite)
    {
        JournalFiles files = new(directory, options, beforeWrite);
        try
        {
            files.Load();
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Writes entries that follow <see cref="Last"/>; after a hole everything before it is dropped, since a journal has none.</summary>
    /// <exception cref="IOException">The disk refused. What <see cref="Last"/> covers is written, the rest is not.</exception>
    public void Write(ReadOnlySpan<JournalEntry> entries)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int used = 0, gathered = 0;
            for (int i = 0; i < entries.Length; i++)
            {
                JournalEntry entry = entries[i];
                Segment? current = _segments.IsEmpty ? null : _segments[^1];
                bool hole = entry.Sequence != Last + 1 + (i - gathered);
                if (current is null || hole || (current.End.Bytes + used + current.BlobBytes >= _options.SegmentBytes && !(current.IsEmpty && i == gathered)))
                {
                    Flush(buffer.AsSpan(0, used), entries[gathered..i]);
                    (used, gathered) = (0, i);
                    current = Begin(entry.Sequence, dropOlder: hole);
                }

                byte[]?[]? hashes = StoreBlobs(entry, current);
                long room = JournalRecordCodec.MaxSize(entry);
                if (hashes is not null)
                    room -= BlobBytes(entry, hashes);
                if (room > buffer.Length - used)
                {
                    Flush(buffer.AsSpan(0, used), entries[gathered..i]);
                    (used, gathered) = (0, i);
                }

                if (room > buffer.Length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(checked((int)room));
                }

                current.Index(entry.Sequence, current.End.Bytes + used);
                used += JournalRecordCodec.Encode(entry, hashes, buffer.AsSpan(used));
            }

            Flush(buffer.AsSpan(0, used), entries[gathered..]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A new segment, so that all before it can go by their age. Not for an empty journal.</summary>
    public void Roll() => Begin(Last + 1, dropOlder: false);

    /// <summary>Drops the oldest segment, which is not the last, and the blobs that only it needed.</summary>
    public void DropOldest()
    {
        File.Delete(_segments[0].Path);
        _segments = _segments.RemoveAt(0);
        Blobs.DropBefore(_segments[0].First);
    }

    /// <summary>Gives back what is only needed while something is written.</summary>
    public void Rest()
    {
        _file?.Dispose();
        _file = null;
    }

    public void Dispose()
    {
        Blobs.Dispose();
        Rest();
        _lock.Dispose();
    }

    /// <summary>Locks a journal against other processes until the result is disposed.</summary>
    /// <exception cref="JournalInUseException">Another process holds it.</exception>
    public static FileStream TakeLock(string directory)
    {
        try
        {
            return new FileStream(
                Path.Combine(directory, "lock"), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnlyFile, BufferSize = 0 });
        }
        catch (IOException held) when (held.HResult == WouldBlock)
        {
            throw new JournalInUseException($"the journal {directory} is held by another process", held);
        }
    }

    private void Load()
    {
        Blobs.Load();
        List<Segment> found = [];
        foreach (FileInfo file in new DirectoryInfo(_directory).EnumerateFiles("*.seg"))
        {
            if (long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out long first) && first > 0 && file.Name == Segment.NameOf(first))
            {
                found.Add(new Segment(file.FullName, first, 0) { LastTicks = file.LastWriteTimeUtc.Ticks });
                found[^1].Publish(file.Length, first - 1);
            }
        }

        found.Sort((one, other) => one.First.CompareTo(other.First));
        for (int i = 0; i + 1 < found.Count; i++)
            found[i].Publish(found[i].End.Bytes, found[i + 1].First - 1);
        // A segment that was begun and has no whole head holds nothing.
        while (found.Count > 0 && !Examine(found[^1]))
        {
            File.Delete(found[^1].Path);
            found.RemoveAt(found.Count - 1);
        }

        _segments = [.. found];
    }

    private bool Examine(Segment segment)
    {
        using SafeFileHandle file = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        SegmentScan scan = new(file, RandomAccess.GetLength(file));
        List<(string MessageId, long Sequence)> open = [];
        _executions = new OpenExecutions();
        if (!scan.ReadHead(out long first, open) || first != segment.First)
        {
            Cut += scan.End;
            return false;
        }

        foreach ((string messageId, long sequence) in open)
            _executions.Begin(messageId, sequence);
        (long last, long end) = (first - 1, scan.Offset);
        while (scan.TryNext(out ReadOnlyMemory<byte> record) && JournalRecordCodec.SequenceOf(record.Span) == last + 1 && JournalRecordCodec.Decode(record) is { } whole)
        {
            segment.Index(whole.Sequence, end);
            segment.LastTicks = whole.UtcTicks;
            _executions.See(whole.ToEntry());
            (last, end) = (whole.Sequence, scan.Offset);
        }

        if (end < scan.End)
        {
            Cut += scan.End - end;
            RandomAccess.SetLength(file, end);
        }

        segment.Publish(end, last);
        Last = last;
        return true;
    }

    private Segment Begin(long first, bool dropOlder)
    {
        byte[] head = JournalRecordCodec.EncodeHead(first, [.. _executions.All]);
        string path = Path.Combine(_directory, Segment.NameOf(first));
        _beforeWrite(head.Length);
        Rest();
        SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        try
        {
            File.SetUnixFileMode(file, OwnerOnlyFile);
            RandomAccess.Write(file, head, 0);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }

        _file = file;
        Segment segment = new(path, first, head.Length) { LastTicks = _segments.IsEmpty ? 0 : _segments[^1].LastTicks };
        // A retry, or an empty one that a drop in memory overtook: the same name, or nothing in it.
        ImmutableArray<Segment> before = _segments.RemoveAll(other => other.First >= first);
        _segments = before.Add(segment);
        Last = first - 1;
        while (dropOlder && _segments.Length > 1)
            DropOldest();
        return segment;
    }

    private void Flush(ReadOnlySpan<byte> bytes, ReadOnlySpan<JournalEntry> entries)
    {
        if (entries.IsEmpty)
            return;
        Segment segment = _segments[^1];
        _beforeWrite(bytes.Length);
        _file ??= File.OpenHandle(segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        long at = segment.End.Bytes;
        RandomAccess.Write(_file, bytes, at);
        if (_options.Sync)
            RandomAccess.FlushToDisk(_file);
        foreach (JournalEntry entry in entries)
            _executions.See(entry);
        segment.LastTicks = entries[^1].UtcTicks;
        segment.Publish(at + bytes.Length, entries[^1].Sequence);
        Last = entries[^1].Sequence;
    }

    private byte[]?[]? StoreBlobs(JournalEntry entry, Segment segment)
    {
        byte[]?[]? hashes = null;
        IReadOnlyList<ReadOnlyMemory<byte>> buffers = entry.Message.Buffers;
        for (int i = 0; i < buffers.Count; i++)
        {
            if (buffers[i].Length < _options.BlobBytes)
                continue;
            (byte[] hash, long written) = Blobs.Store(buffers[i].Span, segment.First);
            (hashes ??= new byte[]?[buffers.Count])[i] = hash;
            segment.BlobBytes += written;
        }

        return hashes;
    }

    private static long BlobBytes(JournalEntry entry, byte[]?[] hashes)
    {
        long bytes = 0;
        for (int i = 0; i < hashes.Length; i++)
            bytes += hashes[i] is null ? 0 : entry.Message.Buffers[i].Length;
        return bytes;
    }
}
