using Hub.Journal;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>The format of segments.</summary>
public sealed class JournalRecordCodecTests
{
    private static readonly JournalEntry s_full = new(
        7, DateTimeOffset.UnixEpoch.UtcTicks, JournalKind.Asked, Entries.Stream("grüße", buffer: 100), "tab-1", new JournalAsker("ada", "tab-2", "cell"));

    [Fact]
    public void What_is_written_is_read()
    {
        JournalEntry read = JournalRecordCodec.Decode(Encode(s_full))!.ToEntry();
        Assert.Equal((7, DateTimeOffset.UnixEpoch, JournalKind.Asked, "tab-1", s_full.Asker), (read.Sequence, read.Time, read.Kind, read.Recipient, read.Asker));
        AssertSame(s_full.Message, read.Message);
    }

    [Fact]
    public void Absent_texts_and_empty_parts_stay_so()
    {
        KernelMessage empty = new() { Channel = KernelChannel.Stdin, Header = default, ParentHeader = default, Metadata = default, Content = default, Buffers = [default, new byte[] { 1 }] };
        JournalEntry read = JournalRecordCodec.Decode(Encode(new(1, 0, JournalKind.Said, empty, null, null)))!.ToEntry();
        Assert.Null(read.Recipient);
        Assert.Null(read.Asker);
        AssertSame(empty, read.Message);
    }

    [Fact]
    public void A_blob_leaves_its_length_and_hash()
    {
        byte[] hash = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] record = new byte[JournalRecordCodec.MaxSize(s_full)];
        record = record[..JournalRecordCodec.Encode(s_full, [hash], record)];
        JournalRecord read = JournalRecordCodec.Decode(record)!;
        Assert.Equal(new JournalRecord.Blob(0, 100, Convert.ToHexStringLower(hash)), Assert.Single(read.Blobs));
        Assert.True(record.Length < Encode(s_full).Length);
    }

    [Fact]
    public void The_head_names_the_executions_that_run()
    {
        byte[] head = JournalRecordCodec.EncodeHead(99, [("a", 7), ("é", 98)]);
        List<(string, long)> open = [];
        Assert.Equal(head.Length, JournalRecordCodec.DecodeHead(head, out long first, open));
        Assert.Equal(99, first);
        Assert.Equal([("a", 7), ("é", 98)], open);
        for (int length = 0; length < head.Length; length++)
            Assert.Equal(0, JournalRecordCodec.DecodeHead(head.AsSpan(0, length), out _, []));
    }

    [Fact]
    public void A_record_cut_anywhere_or_with_one_bit_changed_is_no_record()
    {
        byte[] record = Encode(s_full);
        Assert.True(JournalRecordCodec.IsWhole(record));
        for (int length = 0; length < record.Length; length++)
            Assert.False(JournalRecordCodec.IsWhole(record.AsSpan(0, length)));
        for (int bit = 0; bit < record.Length * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(JournalRecordCodec.IsWhole(record), $"bit {bit}");
            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Nonsense_with_a_right_checksum_is_refused_or_read_but_never_breaks() => Fuzz.Run(3_000, random =>
    {
        byte[] body = random.Next(2) == 0 ? Fuzz.RandomBytes(random, random.Next(1, 300)) : Fuzz.Mutate(random, Encode(s_full)[JournalRecordCodec.Prefix..]);
        byte[] record = [.. new byte[JournalRecordCodec.Prefix], .. body];
        if (JournalRecordCodec.Decode(record) is not { } read)
            return;
        // What it took for good has all its bytes within the record.
        Assert.True(read.Message.Size <= body.Length);
        byte[] again = new byte[JournalRecordCodec.MaxSize(read.ToEntry()) + (read.Blobs.Count * 32)];
        byte[]?[] hashes = [.. Enumerable.Range(0, read.Buffers.Length).Select(i => read.Blobs.Any(blob => blob.Buffer == i) ? new byte[32] : null)];
        JournalRecordCodec.Encode(read.ToEntry(), hashes, again);
    });

    [Fact]
    public void Random_heads_never_break() => Fuzz.Run(3_000, random =>
        JournalRecordCodec.DecodeHead(Fuzz.Mutate(random, JournalRecordCodec.EncodeHead(5, [("abc", 1), ("def", 4)])), out _, []));

    private static byte[] Encode(JournalEntry entry)
    {
        byte[] record = new byte[JournalRecordCodec.MaxSize(entry)];
        return record[..JournalRecordCodec.Encode(entry, null, record)];
    }

    private static void AssertSame(KernelMessage expected, KernelMessage actual)
    {
        Assert.Equal(expected.Channel, actual.Channel);
        Assert.Equal(expected.Header.ToArray(), actual.Header.ToArray());
        Assert.Equal(expected.ParentHeader.ToArray(), actual.ParentHeader.ToArray());
        Assert.Equal(expected.Metadata.ToArray(), actual.Metadata.ToArray());
        Assert.Equal(expected.Content.ToArray(), actual.Content.ToArray());
        Assert.Equal(expected.Buffers.Select(buffer => buffer.ToArray()), actual.Buffers.Select(buffer => buffer.ToArray()));
    }
}
