using System.Globalization;
using System.IO.Compression;
using System.Text;
using Hub.Contents.FileSystem;

namespace Hub.Contents.Archives;

/// <summary>
/// A tar file as a stream (POSIX.1-2001, pax): a header that says a length, that many bytes, zeros to the next block of 512. Names beyond ASCII or 100
/// bytes and lengths beyond eight gibibytes stand in a pax header before. The length is said before the bytes are read; of a file that became shorter
/// meanwhile the rest is zeros.
/// </summary>
internal sealed class TarArchiveWriter : IArchiveWriter
{
    private const int BlockBytes = 512;
    private const int MostName = 100;
    private const long MostOctal = 0x1_FFFF_FFFF; // eleven octal digits

    private static readonly byte[] s_zeros = new byte[64 << 10];

    private readonly Stream _output;
    private readonly bool _compressed;
    private long _left;
    private long _length;

    public TarArchiveWriter(ArchiveOutput output, bool compressed)
    {
        _compressed = compressed;
        _output = compressed ? new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true) : output;
    }

    public void AddDirectory(string name, FileStatus status) => WriteEntry(name + "/", '5', 0, status);

    public void BeginFile(string name, FileStatus status)
    {
        WriteEntry(name, '0', status.Size, status);
        _left = _length = status.Size;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _left -= bytes.Length;
    }

    public void EndFile()
    {
        for (; _left > 0; _left -= Math.Min(_left, s_zeros.Length))
            _output.Write(s_zeros.AsSpan(0, (int)Math.Min(_left, s_zeros.Length)));
        Pad(_length);
    }

    public void Finish()
    {
        _output.Write(s_zeros.AsSpan(0, 2 * BlockBytes));
        Dispose();
    }

    public void Dispose()
    {
        if (_compressed)
            _output.Dispose();
    }

    private void WriteEntry(string name, char kind, long length, FileStatus status)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        string pax = "";
        if (bytes.Length > MostName || !Ascii.IsValid(bytes))
            pax += Record("path", name);
        if (length > MostOctal)
            pax += Record("size", length.ToString(CultureInfo.InvariantCulture));
        if (pax.Length > 0)
        {
            byte[] records = Encoding.UTF8.GetBytes(pax);
            WriteHeader("PaxHeader"u8, 'x', records.Length, status);
            _output.Write(records);
            Pad(records.Length);
        }
        WriteHeader(bytes.AsSpan(0, Math.Min(bytes.Length, MostName)), kind, Math.Min(length, MostOctal), status);
    }

    private void WriteHeader(ReadOnlySpan<byte> name, char kind, long length, FileStatus status)
    {
        Span<byte> header = stackalloc byte[BlockBytes];
        header.Clear();
        name.CopyTo(header);
        Octal(status.Mode & FileModes.Permissions, header.Slice(100, 8));
        Octal(0, header.Slice(108, 8));
        Octal(0, header.Slice(116, 8));
        Octal(length, header.Slice(124, 12));
        Octal(Math.Clamp(status.Modified.ToUnixTimeSeconds(), 0, MostOctal), header.Slice(136, 12));
        header.Slice(148, 8).Fill((byte)' ');
        header[156] = (byte)kind;
        "ustar\u000000"u8.CopyTo(header[257..]);
        uint sum = 0;
        foreach (byte next in header)
            sum += next;
        Octal(sum, header.Slice(148, 7));
        _output.Write(header);
    }

    /// <summary>Digits to the end of the field, where a zero stands.</summary>
    private static void Octal(long number, Span<byte> field)
    {
        field[^1] = 0;
        for (int at = field.Length - 2; at >= 0; at--, number >>= 3)
            field[at] = (byte)('0' + (number & 7));
    }

    /// <summary>"LENGTH key=value\n", where the length counts itself, too.</summary>
    private static string Record(string key, string value)
    {
        int rest = Encoding.UTF8.GetByteCount(value) + key.Length + 3;
        int length = rest + 1;
        while (rest + length.ToString(CultureInfo.InvariantCulture).Length != length)
            length++;
        return string.Create(CultureInfo.InvariantCulture, $"{length} {key}={value}\n");
    }

    private void Pad(long length) => _output.Write(s_zeros.AsSpan(0, (int)(-length & (BlockBytes - 1))));
}
