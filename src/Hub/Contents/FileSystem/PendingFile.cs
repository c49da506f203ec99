using System.Buffers;
using System.Security.Cryptography;
using Hub.Contents.Quotas;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.FileSystem;

/// <summary>
/// A file on its way: written under a temporary name beside its place, and put there by one rename when it is complete and on the disk. Until then nothing
/// has changed for anybody, whatever fails; disposed without having been placed, it is removed. Other hard links of a replaced file keep the old content.
/// What it needs more than the file it replaces is taken from the home's quota before it is written, and given back when it is not placed.
/// </summary>
internal sealed class PendingFile : IBufferWriter<byte>, IDisposable
{
    private const int BufferBytes = 128 << 10;

    private static readonly Lock[] s_places = [.. Enumerable.Range(0, 256).Select(_ => new Lock())];

    private readonly OpenedDirectory _directory;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private byte[] _name;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _buffered;
    private bool _placed;
    private long _onDisk;
    private long _taken;

    private PendingFile(OpenedDirectory directory, byte[] name, SafeFileHandle file, string path, long length)
    {
        _directory = directory;
        _name = name;
        _file = file;
        _path = path;
        Length = _onDisk = length;
    }

    /// <summary>Bytes written so far, buffered ones included.</summary>
    public long Length { get; private set; }

    public OpenedFile Content => new(_file, _path);

    /// <summary>Everything that is written is hashed, too, when set before the first byte.</summary>
    public IncrementalHash? Hash { get; init; }

    /// <summary>False leaves it to the caller to bring many files to the disk at once, with <see cref="OpenedDirectory.SynchronizeAll"/>.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Bytes of the disk that are free once it takes its place: so far it may grow also in a home that is full.</summary>
    private long Replaces { get; init; }

    /// <summary>Where its inode came from, when there was no other; one is put back when the replaced file is gone.</summary>
    private SpareFiles? Spare { get; init; }

    /// <param name="path">What it will become; for messages.</param>
    /// <param name="durable">See <see cref="Durable"/>.</param>
    /// <param name="replaces">Bytes of the disk that are free once it takes its place.</param>
    /// <exception cref="ContentException">507: the home is full already; or the operating system refuses.</exception>
    public static PendingFile Create(OpenedDirectory directory, string path, bool hashed = false, bool durable = true, long replaces = 0)
    {
        if (replaces == 0)
            directory.User.Allowance?.Take(0, path);
        byte[] name = FileName.Encode(HubLitter.Temporary());
        SpareFiles? spare = null;
        SafeFileHandle file;
        try
        {
            file = directory.Create(name, FileModes.Private);
        }
        catch (ContentException full) when (full.Failure == ContentFailure.NoSpace)
        {
            spare = directory.User.Allowance?.Spare;
            // Only what replaces a file: it gives back the room it takes.
            if (replaces == 0 || spare?.TryUse() is not true)
                throw spare is null ? FileErrors.Of(Errno.NoSpace, path) : new ContentException(ContentFailure.NoSpace, UsageText.NoMoreFiles(path), "quota");
            file = directory.Create(name, FileModes.Private);
        }
        return new PendingFile(directory, name, file, path, 0)
        {
            Spare = spare,
            Durable = durable,
            Replaces = replaces,
            Hash = hashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null,
        };
    }

    /// <summary>Goes on with a temporary file that an earlier request left, under the name it was moved to.</summary>
    public static PendingFile Resume(OpenedDirectory directory, byte[] name, string path)
    {
        SafeFileHandle file = directory.OpenForUpdate(name);
        FileStatus status = OpenedFile.StatusOf(file, path);
        if (status.Kind == FileKind.File)
            return new PendingFile(directory, name, file, path, status.Size);
        file.Dispose();
        throw FileErrors.Of(Errno.NoDevice, path);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_buffered == _buffer.Length)
                Flush();
            int taken = Math.Min(bytes.Length, _buffer.Length - _buffered);
            bytes[..taken].CopyTo(_buffer.AsSpan(_buffered));
            Advance(taken);
            bytes = bytes[taken..];
        }
    }

    /// <summary>Adds all of <paramref name="source"/> from its beginning, up to <paramref name="maxBytes"/>.</summary>
    /// <returns>False when there was more.</returns>
    public bool TryCopyFrom(OpenedFile source, long maxBytes, CancellationToken cancellationToken)
    {
        Flush();
        long offset = 0;
        for (int read; (read = source.Read(_buffer, offset)) > 0; Flush())
        {
            cancellationToken.ThrowIfCancellationRequested();
            offset += read;
            if (offset > maxBytes)
                return false;
            Advance(read);
        }
        return true;
    }

    public void Advance(int count)
    {
        Hash?.AppendData(_buffer, _buffered, count);
        _buffered += count;
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_buffer.Length - _buffered < Math.Max(sizeHint, 1))
            Flush();
        if (_buffer.Length < sizeHint)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(sizeHint);
        }
        return _buffer.AsMemory(_buffered);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Forgets everything beyond <paramref name="length"/>.</summary>
    public void Truncate(long length)
    {
        _buffered = 0;
        Length = length;
        LibC.Truncate(_file, length);
        long back = Math.Min(_taken, Math.Max(0, _onDisk - length));
        _directory.User.Allowance?.Give(back);
        _taken -= back;
        _onDisk = Math.Min(_onDisk, length);
    }

    /// <summary>Hands what is buffered to the operating system.</summary>
    public void Flush()
    {
        long offset = Length - _buffered;
        Take();
        for (ReadOnlySpan<byte> rest = _buffer.AsSpan(0, _buffered); !rest.IsEmpty;)
        {
            nint written = LibC.WriteAt(_file, rest, (nuint)rest.Length, offset);
            if (written < 0)
                throw FileErrors.Of(FileErrors.Last(), _path);
            rest = rest[(int)written..];
            offset += written;
        }
        _buffered = 0;
    }

    /// <summary>Takes its place over whatever file is there.</summary>
    /// <param name="mode">Permissions it shall have.</param>
    public FileStatus Replace(byte[] name, uint mode)
    {
        Settle(mode);
        lock (PlaceOf(name))
            _directory.Replace(_name, _directory, name);
        return Placed();
    }

    /// <summary>
    /// Takes the place of <paramref name="expected"/>; null when another file is there, or it has another content, and then that stays. For the moment of
    /// the two exchanges of a refused one its content can be seen.
    /// </summary>
    public FileStatus? TryReplace(byte[] name, uint mode, FileStatus expected)
    {
        Settle(mode);
        lock (PlaceOf(name))
        {
            if (!_directory.TryExchange(_name, name))
            {
                // A network file system that cannot exchange: a look before the leap.
                if (_directory.FindStatus(name) is not { } there || !there.IsUnchangedFrom(expected))
                    return null;
                _directory.Replace(_name, _directory, name);
                return Placed();
            }
            if (_directory.FindStatus(_name) is not { } replaced || !replaced.IsUnchangedFrom(expected))
            {
                GiveBack(name);
                return null;
            }
            _directory.RemoveUncounted(_name, isDirectory: false);
            return Placed();
        }
    }

    /// <summary>Takes a free name; null when it is taken, and then another may be tried.</summary>
    public FileStatus? TryPlace(byte[] name, uint mode)
    {
        Settle(mode);
        return _directory.TryMove(_name, _directory, name) ? Placed() : null;
    }

    /// <summary>Goes to another temporary name, where a later request finds it.</summary>
    public void Park(byte[] name)
    {
        Flush();
        _directory.Replace(_name, _directory, name);
        _name = name;
        _placed = true;
    }

    public void Dispose()
    {
        if (_buffer.Length == 0)
            return;
        _file.Dispose();
        Hash?.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        if (!_placed)
        {
            _directory.RemoveUncounted(_name, isDirectory: false);
            _directory.User.Allowance?.Give(_taken);
        }
        Spare?.Refill();
    }

    private void Take()
    {
        if (_directory.User.Allowance is not { } allowance)
            return;
        long more = Math.Max(0, _onDisk + _buffered - Replaces) - Math.Max(0, _onDisk - Replaces);
        if (more > 0)
            allowance.Take(more, _path);
        _taken += more;
        _onDisk += _buffered;
    }

    /// <summary>What was taken out by mistake goes back, unless a kernel put something else there in this very moment: that is newer than both.</summary>
    private void GiveBack(byte[] name)
    {
        if (!_directory.TryExchange(_name, name))
            _directory.TryMove(_name, _directory, name);
        else if (_directory.FindStatus(_name) is { } back && !back.IsSameFileAs(OpenedFile.StatusOf(_file, _path)))
            _directory.TryExchange(_name, name);
    }

    /// <summary>The hub's own saves to one name go one after the other: an exchange and its way back are two steps.</summary>
    private Lock PlaceOf(byte[] name)
    {
        HashCode place = default;
        place.Add(OpenedFile.StatusOf(_directory.Handle, _path).Inode);
        place.AddBytes(name);
        return s_places[(uint)place.ToHashCode() % (uint)s_places.Length];
    }

    private void Settle(uint mode)
    {
        Flush();
        using (_directory.User.Enter())
            LibC.ChangeMode(_file, mode);
        // A full disk or a failing one may say so only now.
        if (Durable && LibC.Synchronize(_file) != 0)
            throw FileErrors.Of(FileErrors.Last(), _path);
    }

    private FileStatus Placed()
    {
        _placed = true;
        _directory.User.Allowance?.Give(Math.Max(0, Replaces - _onDisk));
        if (Durable)
            _directory.Synchronize();
        return OpenedFile.StatusOf(_file, _path);
    }
}
