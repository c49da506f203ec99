using System.Buffers;
using System.IO.Compression;
using System.Text;
using Hub.Contents.FileSystem;

namespace Hub.Contents.Archives;

/// <summary>
/// A zip file as a stream (APPNOTE.TXT 6.3.10): sizes and checksums stand behind each file (bit 3), names are UTF-8 (bit 11), and what does not fit into
/// 32 bits is said in Zip64 fields. The list at the end is gathered in memory, about a hundred bytes per entry. .NET's own <see cref="ZipArchive"/>
/// wants to write a whole file in one go, which here would mean to hold a thread, or memory, for as long as a browser takes to receive it.
/// </summary>
internal sealed class ZipArchiveWriter(ArchiveOutput output) : IArchiveWriter
{
    private const uint LocalHeader = 0x04034b50;
    private const uint Descriptor = 0x08074b50;
    private const uint CentralHeader = 0x02014b50;
    private const uint Zip64End = 0x06064b50;
    private const uint Zip64Locator = 0x07064b50;
    private const uint End = 0x06054b50;
    private const ushort Utf8 = 0x800;
    private const ushort SizesBehind = 0x8;
    private const ushort Deflate = 8;
    private const ushort Version = 20;
    private const ushort Version64 = 45;
    private const uint RegularFile = 0x8000;
    private const uint Folder = 0x4000;

    /// <summary>From this size on a file is announced with 64-bit sizes: what cannot be compressed grows a little.</summary>
    private const long LargeFrom = 0xF000_0000;

    private readonly ArrayBufferWriter<byte> _central = new(4096);
    private long _entries;
    private Entry _entry;
    private DeflateStream? _deflate;
    private Crc32 _crc;
    private long _length;

    private record struct Entry(byte[] Name, FileStatus Status, ushort Method, ushort Flags, bool IsLarge, long Offset, long DataFrom);

    public void AddDirectory(string name, FileStatus status)
    {
        _entry = new Entry(Encoding.UTF8.GetBytes(name + "/"), status, 0, Utf8, false, output.Position, 0);
        WriteLocal();
        WriteCentral(0, 0, 0, (Folder | (status.Mode & FileModes.Permissions)) << 16 | 0x10);
    }

    public void BeginFile(string name, FileStatus status)
    {
        bool isEmpty = status.Size == 0;
        _entry = new Entry(
            Encoding.UTF8.GetBytes(name), status, isEmpty ? (ushort)0 : Deflate, isEmpty ? Utf8 : (ushort)(Utf8 | SizesBehind), status.Size >= LargeFrom, output.Position, 0);
        WriteLocal();
        _entry.DataFrom = output.Position;
        _crc = default;
        _length = 0;
        _deflate = isEmpty ? null : new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true);
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _crc.Add(bytes);
        _length += bytes.Length;
        _deflate!.Write(bytes);
    }

    public void EndFile()
    {
        _deflate?.Dispose();
        long compressed = output.Position - _entry.DataFrom;
        if (_deflate is not null)
        {
            ZipFields fields = new ZipFields().Add(Descriptor).Add(_crc.Value);
            if (_entry.IsLarge)
                fields.Add((ulong)compressed).Add((ulong)_length);
            else
                fields.Add((uint)compressed).Add((uint)_length);
            output.Write(fields.Written);
        }
        _deflate = null;
        WriteCentral(_crc.Value, compressed, _length, (RegularFile | (_entry.Status.Mode & FileModes.Permissions)) << 16);
    }

    public void Finish()
    {
        long from = output.Position;
        output.Write(_central.WrittenSpan);
        long length = output.Position - from;
        ZipFields fields = new();
        if (_entries > 0xFFFE || from >= uint.MaxValue || length >= uint.MaxValue)
        {
            fields.Add(Zip64End).Add(44UL).Add((ushort)(3 << 8 | Version64)).Add(Version64).Add(0u).Add(0u)
                .Add((ulong)_entries).Add((ulong)_entries).Add((ulong)length).Add((ulong)from);
            fields.Add(Zip64Locator).Add(0u).Add((ulong)output.Position).Add(1u);
        }
        ushort entries = (ushort)Math.Min(_entries, 0xFFFF);
        fields.Add(End).Add((ushort)0).Add((ushort)0).Add(entries).Add(entries)
            .Add((uint)Math.Min(length, uint.MaxValue)).Add((uint)Math.Min(from, uint.MaxValue)).Add((ushort)0);
        output.Write(fields.Written);
    }

    public void Dispose() => _deflate?.Dispose();

    private void WriteLocal()
    {
        ZipFields fields = new();
        uint size = _entry.IsLarge ? uint.MaxValue : 0;
        fields.Add(LocalHeader).Add(_entry.IsLarge ? Version64 : Version).Add(_entry.Flags).Add(_entry.Method).Add(DosTime(_entry.Status.Modified))
            .Add(0u).Add(size).Add(size).Add((ushort)_entry.Name.Length).Add((ushort)(_entry.IsLarge ? 9 + 20 : 9));
        output.Write(fields.Written);
        output.Write(_entry.Name);
        fields.Clear();
        AddTime(fields);
        if (_entry.IsLarge)
            fields.Add((ushort)1).Add((ushort)16).Add(0UL).Add(0UL);
        output.Write(fields.Written);
    }

    private void WriteCentral(uint crc, long compressed, long length, uint attributes)
    {
        // In this order, and only those that do not fit above (4.5.3).
        ZipFields large = new();
        if (length >= uint.MaxValue)
            large.Add((ulong)length);
        if (compressed >= uint.MaxValue)
            large.Add((ulong)compressed);
        if (_entry.Offset >= uint.MaxValue)
            large.Add((ulong)_entry.Offset);
        int largeBytes = large.Written.Length;
        ZipFields fields = new();
        ushort version = largeBytes > 0 || _entry.IsLarge ? Version64 : Version;
        fields.Add(CentralHeader).Add((ushort)(3 << 8 | version)).Add(version).Add(_entry.Flags).Add(_entry.Method).Add(DosTime(_entry.Status.Modified))
            .Add(crc).Add((uint)Math.Min(compressed, uint.MaxValue)).Add((uint)Math.Min(length, uint.MaxValue))
            .Add((ushort)_entry.Name.Length).Add((ushort)(9 + (largeBytes > 0 ? 4 + largeBytes : 0))).Add((ushort)0).Add((ushort)0).Add((ushort)0)
            .Add(attributes).Add((uint)Math.Min(_entry.Offset, uint.MaxValue));
        _central.Write(fields.Written);
        _central.Write(_entry.Name);
        fields.Clear();
        AddTime(fields);
        if (largeBytes > 0)
            fields.Add((ushort)1).Add((ushort)largeBytes);
        _central.Write(fields.Written);
        _central.Write(large.Written);
        _entries++;
    }

    /// <summary>The time of modification in UTC; the field before it knows neither time zones nor odd seconds.</summary>
    private void AddTime(ZipFields fields) =>
        fields.Add((ushort)0x5455).Add((ushort)5).Add((byte)1).Add(unchecked((uint)Math.Clamp(_entry.Status.Modified.ToUnixTimeSeconds(), int.MinValue, int.MaxValue)));

    private static uint DosTime(DateTimeOffset time)
    {
        if (time.Year is < 1980 or > 2107)
            return 0x0021_0000; // 1 January 1980
        return (uint)(time.Second / 2 | time.Minute << 5 | time.Hour << 11 | time.Day << 16 | time.Month << 21 | (time.Year - 1980) << 25);
    }
}
