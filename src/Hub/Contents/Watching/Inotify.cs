using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Hub.Contents.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace Hub.Contents.Watching;

/// <summary>inotify(7): the operating system says what changes in directories. A watch is set on a directory that is open, never on a path that could lead elsewhere by now.</summary>
internal sealed class Inotify : IDisposable
{
    public const uint Created = 0x100;
    public const uint Deleted = 0x200;
    public const uint Written = 0x8;
    public const uint MovedFrom = 0x40;
    public const uint MovedTo = 0x80;
    public const uint SelfMoved = 0x800;
    public const uint SelfDeleted = 0x400;
    public const uint Unmounted = 0x2000;
    public const uint Overflow = 0x4000;
    public const uint Ended = 0x8000;

    private const uint OnlyDirectory = 0x0100_0000;
    private const uint All = Created | Deleted | Written | MovedFrom | MovedTo | SelfMoved | SelfDeleted | OnlyDirectory;
    private const int HeaderBytes = 16;

    private readonly SafeFileHandle _queue;
    private readonly byte[] _buffer = new byte[64 << 10];

    private Inotify(SafeFileHandle queue) => _queue = queue;

    /// <summary>Null when the operating system grants no more of them (<c>fs.inotify.max_user_instances</c>).</summary>
    public static Inotify? TryOpen()
    {
        int queue = LibC.OpenInotify(OpenFlags.CloseOnExec | OpenFlags.NonBlocking);
        return queue < 0 ? null : new Inotify(new SafeFileHandle(queue, ownsHandle: true));
    }

    /// <summary>The number of the watch; null when the operating system grants no more (<c>fs.inotify.max_user_watches</c>), or not this one.</summary>
    public int? TryWatch(OpenedDirectory directory)
    {
        byte[] place = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Handle.DangerousGetHandle()}\0"));
        int id = LibC.AddWatch(_queue, place, All);
        return id < 0 ? null : id;
    }

    public void Forget(int id) => _ = LibC.RemoveWatch(_queue, id);

    /// <summary>Adds what happened since the last call, up to <paramref name="most"/>; never waits.</summary>
    public void Read(List<DirectoryChange> changes, int most)
    {
        // struct inotify_event: wd i32, mask u32, cookie u32, len u32, name[len] with zeros at its end.
        while (changes.Count < most)
        {
            nint read = LibC.Read(_queue, _buffer, (nuint)_buffer.Length);
            if (read <= 0)
                return;
            for (ReadOnlySpan<byte> rest = _buffer.AsSpan(0, (int)read); rest.Length >= HeaderBytes;)
            {
                int length = BinaryPrimitives.ReadInt32LittleEndian(rest[12..]);
                ReadOnlySpan<byte> name = rest.Slice(HeaderBytes, length);
                name = name[..Math.Max(0, name.IndexOf((byte)0))];
                changes.Add(new DirectoryChange(
                    BinaryPrimitives.ReadInt32LittleEndian(rest),
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]),
                    name.IsEmpty ? null : FileName.Decode(name)));
                rest = rest[(HeaderBytes + length)..];
            }
        }
    }

    public void Dispose() => _queue.Dispose();
}
