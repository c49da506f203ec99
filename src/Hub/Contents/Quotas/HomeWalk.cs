using System.Buffers.Binary;
using Hub.Contents.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.Quotas;

/// <summary>
/// Adds up what a home holds: allocated blocks of every entry, a file with several names once, no link followed, no other file system entered. In steps of so many
/// entries, each directory read piece by piece: ten million files in one directory need no more memory than ten. As the hub itself, which as root sees
/// also what the user closed to themselves. What changes meanwhile is counted before or after its change.
/// Synchronous; runs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed class HomeWalk : IDisposable
{
    /// <summary>Directories held open; what lies deeper is not counted.</summary>
    private const int MostLevels = 256;

    /// <summary>Files with several names that are remembered; beyond, each name counts.</summary>
    private const int MostLinks = 1 << 20;

    private const int BlockBytes = 512;

    private readonly Stack<Level> _levels = new();
    private readonly HashSet<ulong> _seen = [];
    private readonly ulong _device;

    private HomeWalk(SafeFileHandle root)
    {
        _levels.Push(new Level(root));
        if (LibC.StatusAt(root, "\0"u8, LibC.EmptyPath, LibC.BasicStatus, out RawStatus status) == 0)
        {
            _device = DeviceOf(status);
            Bytes = (long)status.Blocks * BlockBytes;
        }
    }

    /// <summary>Bytes found so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Entries looked at so far.</summary>
    public long Entries { get; private set; }

    /// <summary>Null when there is no such home.</summary>
    public static HomeWalk? TryOpen(string path)
    {
        int descriptor = LibC.Open(FileName.Encode(path), OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0);
        return descriptor >= 0 ? new HomeWalk(new SafeFileHandle(descriptor, ownsHandle: true)) : null;
    }

    /// <summary>Looks at up to <paramref name="most"/> entries; false when there are no more.</summary>
    public bool Step(int most)
    {
        for (int i = 0; i < most; i++)
        {
            if (!_levels.TryPeek(out Level? level))
                return false;
            ReadOnlySpan<byte> name = level.Next();
            if (name.IsEmpty)
                _levels.Pop().Dispose();
            else if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                Look(level.Handle, name);
        }
        return true;
    }

    public void Dispose()
    {
        while (_levels.TryPop(out Level? level))
            level.Dispose();
    }

    private void Look(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        Entries++;
        // Removed in this moment, or not to be seen by this hub.
        if (LibC.StatusAt(directory, name, LibC.NoFollow, LibC.BasicStatus, out RawStatus status) != 0 || DeviceOf(status) != _device)
            return;
        bool isDirectory = FileStatus.From(status).Kind == FileKind.Directory;
        if (!isDirectory && status.Links > 1 && (_seen.Count < MostLinks ? !_seen.Add(status.Inode) : _seen.Contains(status.Inode)))
            return;
        Bytes += (long)status.Blocks * BlockBytes;
        if (!isDirectory || _levels.Count >= MostLevels)
            return;
        int descriptor = LibC.OpenAt2(directory, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0, OpenFlags.BeneathWithoutLinks);
        if (descriptor >= 0)
            _levels.Push(new Level(new SafeFileHandle(descriptor, ownsHandle: true)));
    }

    private static ulong DeviceOf(in RawStatus status) => ((ulong)status.DeviceMajor << 32) | status.DeviceMinor;

    /// <summary>An open directory and the piece of its entries that was read last.</summary>
    private sealed class Level(SafeFileHandle handle) : IDisposable
    {
        // struct linux_dirent64: d_ino u64, d_off u64, d_reclen u16, d_type u8, d_name until a zero.
        private const int LengthOffset = 16;
        private const int NameOffset = 19;

        private readonly byte[] _buffer = new byte[8 << 10];
        private int _at;
        private int _filled;

        public SafeFileHandle Handle { get; } = handle;

        /// <summary>The next name with its zero; empty at the end, and where the directory cannot be read.</summary>
        public ReadOnlySpan<byte> Next()
        {
            if (_at >= _filled)
            {
                _at = 0;
                _filled = (int)LibC.ReadEntries(Handle, _buffer, (nuint)_buffer.Length);
                if (_filled <= 0)
                    return [];
            }
            ReadOnlySpan<byte> name = _buffer.AsSpan(_at + NameOffset);
            _at += BinaryPrimitives.ReadUInt16LittleEndian(_buffer.AsSpan(_at + LengthOffset));
            return name[..(name.IndexOf((byte)0) + 1)];
        }

        public void Dispose() => Handle.Dispose();
    }
}
