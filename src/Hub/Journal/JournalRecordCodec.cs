using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Wire.Jupyter;

namespace Hub.Journal;

/// <summary>
/// Entries ⇄ the bytes of a segment. All numbers are little-endian; a length is that of UTF-8 text or of bytes, all ones for "none".
/// <code>
/// segment = "nbhjrnl1" head record*
/// head, record = length u32 of body │ CRC-32C u32 of length and body │ body
/// body of head = first sequence u64 │ n u32 │ n × ( sequence u64 │ length u32 │ msg_id )      executions that run when the segment begins
/// body of record =
///    0 sequence u64     16 kind u8            20 header u32         36 recipient u32     52 number of buffers u32
///    8 time u64         17 channel u8         24 parent header u32  40 user u32          56 n × ( length u32, bit 31: a blob │ 32 B name of a blob )
///      (ticks, UTC)     18 zero u16           28 metadata u32       44 client u32
///                                             32 content u32        48 cell u32
///    then: recipient │ user │ client │ cell │ header │ parent header │ metadata │ content │ the buffers that are no blobs
/// </code>
/// A record that was half written when the hub was killed fails its checksum; it and what follows it are cut off.
/// </summary>
internal static class JournalRecordCodec
{
    /// <summary>Length and checksum.</summary>
    public const int Prefix = 8;

    public const int HashLength = 32;

    private const int Fixed = 56;
    private const uint None = uint.MaxValue;
    private const uint BlobBit = 1u << 31;

    public static ReadOnlySpan<byte> Magic => "nbhjrnl1"u8;

    /// <summary>At least as many bytes as <see cref="Encode"/> writes.</summary>
    public static long MaxSize(JournalEntry entry)
    {
        KernelMessage message = entry.Message;
        return Prefix + Fixed + MaxText(entry.Recipient) + MaxText(entry.Asker?.UserName) + MaxText(entry.Asker?.ClientId) + MaxText(entry.Asker?.CellId)
            + (message.Buffers.Count * (sizeof(uint) + HashLength)) + message.Size;
    }

    /// <summary>Writes one record; returns its length.</summary>
    /// <param name="entry">What to write.</param>
    /// <param name="hashes">For each buffer its name when it is kept as a blob, null when it goes into the record; null: all do.</param>
    /// <param name="record">At least <see cref="MaxSize"/> bytes.</param>
    public static int Encode(JournalEntry entry, IReadOnlyList<byte[]?>? hashes, Span<byte> record)
    {
        KernelMessage message = entry.Message;
        Span<byte> body = record[Prefix..];
        BinaryPrimitives.WriteInt64LittleEndian(body, entry.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], entry.UtcTicks);
        body[16] = (byte)entry.Kind;
        body[17] = (byte)message.Channel;
        body[18] = body[19] = 0;
        Write(body[20..], message.Header.Length);
        Write(body[24..], message.ParentHeader.Length);
        Write(body[28..], message.Metadata.Length);
        Write(body[32..], message.Content.Length);
        Write(body[52..], message.Buffers.Count);

        int at = Fixed;
        for (int i = 0; i < message.Buffers.Count; i++)
        {
            byte[]? hash = hashes?[i];
            BinaryPrimitives.WriteUInt32LittleEndian(body[at..], (uint)message.Buffers[i].Length | (hash is null ? 0 : BlobBit));
            at += sizeof(uint);
            if (hash is not null)
            {
                hash.CopyTo(body[at..]);
                at += HashLength;
            }
        }

        WriteText(body, 36, entry.Recipient, ref at);
        WriteText(body, 40, entry.Asker?.UserName, ref at);
        WriteText(body, 44, entry.Asker?.ClientId, ref at);
        WriteText(body, 48, entry.Asker?.CellId, ref at);
        WritePart(body, message.Header, ref at);
        WritePart(body, message.ParentHeader, ref at);
        WritePart(body, message.Metadata, ref at);
        WritePart(body, message.Content, ref at);
        for (int i = 0; i < message.Buffers.Count; i++)
        {
            if (hashes?[i] is null)
                WritePart(body, message.Buffers[i], ref at);
        }

        Seal(record, at);
        return Prefix + at;
    }

    /// <summary>The beginning of a segment.</summary>
    public static byte[] EncodeHead(long first, IReadOnlyList<(string MessageId, long Sequence)> open)
    {
        int length = 12 + open.Sum(one => 12 + Encoding.UTF8.GetByteCount(one.MessageId));
        byte[] head = new byte[Magic.Length + Prefix + length];
        Magic.CopyTo(head);
        Span<byte> record = head.AsSpan(Magic.Length);
        Span<byte> body = record[Prefix..];
        BinaryPrimitives.WriteInt64LittleEndian(body, first);
        Write(body[8..], open.Count);
        int at = 12;
        foreach ((string messageId, long sequence) in open)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body[at..], sequence);
            int written = Encoding.UTF8.GetBytes(messageId, body[(at + 12)..]);
            Write(body[(at + 8)..], written);
            at += 12 + written;
        }

        Seal(record, length);
        return head;
    }

    /// <summary>Reads the beginning of a segment.</summary>
    /// <returns>Its length in bytes; 0 when these bytes are none, or only a part of one.</returns>
    public static int DecodeHead(ReadOnlySpan<byte> bytes, out long first, List<(string MessageId, long Sequence)> open)
    {
        first = 0;
        int length = bytes.StartsWith(Magic) ? Measure(bytes[Magic.Length..]) : 0;
        if (length <= 0 || length > bytes.Length - Magic.Length || !IsWhole(bytes.Slice(Magic.Length, length)))
            return 0;
        ReadOnlySpan<byte> body = bytes.Slice(Magic.Length + Prefix, length - Prefix);
        if (body.Length < 12)
            return 0;
        first = BinaryPrimitives.ReadInt64LittleEndian(body);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        int at = 12;
        for (uint i = 0; i < count; i++)
        {
            if (body.Length - at < 12 || BinaryPrimitives.ReadUInt32LittleEndian(body[(at + 8)..]) is var text && text > body.Length - at - 12)
                return 0;
            open.Add((Encoding.UTF8.GetString(body.Slice(at + 12, (int)text)), BinaryPrimitives.ReadInt64LittleEndian(body[at..])));
            at += 12 + (int)text;
        }

        return first > 0 ? Magic.Length + length : 0;
    }

    /// <summary>Length of the record that begins here, with its prefix, as far as it can be told: 0 while the prefix is not complete, -1 for no record.</summary>
    public static int Measure(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Prefix)
            return 0;
        uint body = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return body is 0 or > int.MaxValue - Prefix ? -1 : (int)body + Prefix;
    }

    /// <summary>Whether the checksum of this whole record is right.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> record) =>
        record.Length > Prefix && Measure(record) == record.Length && BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) == Checksum(record);

    /// <summary>Sequence of a record that is whole.</summary>
    public static long SequenceOf(ReadOnlySpan<byte> record) => record.Length < Prefix + 8 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(record[Prefix..]);

    /// <summary>Reads a record whose checksum is right; the result keeps slices of it.</summary>
    /// <returns>Null when its lengths contradict each other: somebody else wrote it.</returns>
    public static JournalRecord? Decode(ReadOnlyMemory<byte> record)
    {
        ReadOnlyMemory<byte> body = record[Prefix..];
        ReadOnlySpan<byte> span = body.Span;
        if (span.Length < Fixed || span[16] > (byte)JournalKind.Note || span[17] > (byte)KernelChannel.Heartbeat)
            return null;

        uint count = Read(span, 52);
        if (count > (uint)(span.Length - Fixed) / sizeof(uint))
            return null;
        uint[] lengths = count == 0 ? [] : new uint[count];
        List<JournalRecord.Blob>? blobs = null;
        int at = Fixed;
        for (int i = 0; i < lengths.Length; i++)
        {
            if (span.Length - at < sizeof(uint))
                return null;
            lengths[i] = Read(span, at);
            at += sizeof(uint);
            if ((lengths[i] & BlobBit) == 0)
                continue;
            if (span.Length - at < HashLength)
                return null;
            (blobs ??= []).Add(new JournalRecord.Blob(i, (int)(lengths[i] & ~BlobBit), Convert.ToHexStringLower(span.Slice(at, HashLength))));
            at += HashLength;
        }

        bool fits = true;
        string? recipient = ReadText(span, 36, ref at, ref fits);
        string? user = ReadText(span, 40, ref at, ref fits);
        string? client = ReadText(span, 44, ref at, ref fits);
        string? cell = ReadText(span, 48, ref at, ref fits);
        ReadOnlyMemory<byte> header = ReadPart(body, Read(span, 20), ref at, ref fits);
        ReadOnlyMemory<byte> parent = ReadPart(body, Read(span, 24), ref at, ref fits);
        ReadOnlyMemory<byte> metadata = ReadPart(body, Read(span, 28), ref at, ref fits);
        ReadOnlyMemory<byte> content = ReadPart(body, Read(span, 32), ref at, ref fits);
        ReadOnlyMemory<byte>[] buffers = count == 0 ? [] : new ReadOnlyMemory<byte>[count];
        for (int i = 0; i < buffers.Length; i++)
        {
            if ((lengths[i] & BlobBit) == 0)
                buffers[i] = ReadPart(body, lengths[i], ref at, ref fits);
        }

        long ticks = BinaryPrimitives.ReadInt64LittleEndian(span[8..]);
        if (!fits || at != span.Length || ticks < 0 || ticks > DateTimeOffset.MaxValue.Ticks)
            return null;
        return new JournalRecord
        {
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(span),
            UtcTicks = ticks,
            Kind = (JournalKind)span[16],
            Recipient = recipient,
            Asker = user is null || client is null ? null : new JournalAsker(user, client, cell),
            Message = new KernelMessage
            {
                Channel = (KernelChannel)span[17],
                Header = header,
                ParentHeader = parent,
                Metadata = metadata,
                Content = content,
                Buffers = buffers,
            },
            Buffers = buffers,
            Blobs = blobs ?? (IReadOnlyList<JournalRecord.Blob>)[],
        };
    }

    private static void Seal(Span<byte> record, int body)
    {
        Write(record, body);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(record[..(Prefix + body)]));
    }

    private static uint Checksum(ReadOnlySpan<byte> record)
    {
        uint crc = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(record));
        ReadOnlySpan<byte> body = record[Prefix..];
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(body);
        foreach (ulong word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (byte last in body[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, last);
        return ~crc;
    }

    private static long MaxText(string? text) => text is null ? 0 : Encoding.UTF8.GetMaxByteCount(text.Length);

    private static void Write(Span<byte> at, int value) => BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)value);

    private static uint Read(ReadOnlySpan<byte> from, int at) => BinaryPrimitives.ReadUInt32LittleEndian(from[at..]);

    private static void WriteText(Span<byte> body, int lengthAt, string? text, ref int at)
    {
        int written = text is null ? 0 : Encoding.UTF8.GetBytes(text, body[at..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[lengthAt..], text is null ? None : (uint)written);
        at += written;
    }

    private static void WritePart(Span<byte> body, ReadOnlyMemory<byte> part, ref int at)
    {
        part.Span.CopyTo(body[at..]);
        at += part.Length;
    }

    private static string? ReadText(ReadOnlySpan<byte> span, int lengthAt, ref int at, ref bool fits)
    {
        uint length = Read(span, lengthAt);
        if (length == None)
            return null;
        if (!fits || length > (uint)(span.Length - at))
        {
            fits = false;
            return null;
        }

        at += (int)length;
        return Encoding.UTF8.GetString(span.Slice(at - (int)length, (int)length));
    }

    private static ReadOnlyMemory<byte> ReadPart(ReadOnlyMemory<byte> body, uint length, ref int at, ref bool fits)
    {
        if (!fits || length > (uint)(body.Length - at))
        {
            fits = false;
            return default;
        }

        at += (int)length;
        return body.Slice(at - (int)length, (int)length);
    }
}
