using Testing;
using Wire.Zmtp;
using Xunit;

namespace Wire.Tests.Zmtp.Fuzzing;

/// <summary>Random and nearly right bytes for every parser: nothing but <see cref="ZmtpProtocolException"/>, no hang, memory in proportion.</summary>
public sealed class ParserFuzzTests
{
    private static readonly ZmtpOptions Small = ZmtpOptions.Default with { MaxFrameBytes = 200_000, MaxMessageBytes = 300_000, MaxFramesPerMessage = 40, MaxCommandBytes = 600 };

    [Fact]
    public void Frames_are_read_as_the_plainest_reader_reads_them() => Fuzz.Run(4000, random =>
    {
        byte[] bytes = Bytes(random);
        (List<string> expected, bool refused) = NaiveFrames.Read(bytes, Small);
        List<string> found = [];
        using ZmtpFrameReader reader = new(Small, 0);
        int longest = bytes.Length > 20_000 ? 9000 : random.Next(2, 300);
        ZmtpProtocolException? fault = Catch(() => FrameFeed.Read(reader, bytes, () => random.Next(1, longest), found));
        Assert.Equal(expected, found);
        Assert.Equal(refused, fault is not null);
        Assert.InRange(fault?.Offset ?? 0, 0, bytes.Length);
    });

    [Fact]
    public void A_size_alone_takes_no_more_memory_than_is_trusted() => Fuzz.Run(50, random =>
    {
        long size = random.Next(20_000_000, 500_000_000);
        byte[] header = [3, 0, 0, 0, 0, (byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, .. new byte[random.Next(100)]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        List<string> found = [];
        using ZmtpFrameReader reader = new(ZmtpOptions.Default, 0);
        FrameFeed.Read(reader, header, () => 7, found);
        Assert.Empty(found);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, ZmtpFrameReader.TrustedBytes + 200_000);
    });

    [Fact]
    public void Empty_frames_without_end_take_no_memory_to_speak_of()
    {
        using ZmtpFrameReader reader = new(ZmtpOptions.Default with { MaxFramesPerMessage = 1_000_000 }, 0);
        byte[] frames = [.. Enumerable.Repeat((byte[])[1, 0], 900_000).SelectMany(frame => frame)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        FrameFeed.Read(reader, frames, () => 10_000, []);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Fact]
    public void A_greeting_is_read_or_refused() => Fuzz.Run(20_000, random =>
    {
        byte[] bytes = random.Next(4) == 0 ? Fuzz.RandomBytes(random, random.Next(100)) : Fuzz.Mutate(random, ZmtpGreeting.Ours(1));
        // Once refused, always refused: more bytes do not make it right.
        bool refused = false;
        for (int length = 0; length <= bytes.Length; length++)
        {
            bool now = Catch(() => ZmtpGreeting.Read(bytes.AsSpan(0, length))) is not null;
            Assert.True(now || !refused);
            refused = now;
        }
    });

    [Fact]
    public void A_command_is_read_or_refused() => Fuzz.Run(20_000, random =>
    {
        byte[] good = random.Next(5) switch
        {
            0 => ZmtpReady.Write(ZmtpSocketType.Dealer, "identity"u8),
            1 => ZmtpCommand.Ping(TimeSpan.FromSeconds(1)),
            2 => ZmtpCommand.Error("reason"),
            3 => ZmtpCommand.Subscription("topic"u8, true, 1),
            _ => [4, 0, .. Fuzz.RandomBytes(random, random.Next(60))],
        };
        byte[] bytes = Fuzz.Mutate(random, good[2..]);
        Catch(() =>
        {
            ZmtpCommand command = ZmtpCommand.Read(bytes, 0);
            command.ErrorReason();
            Assert.InRange(command.Data.Length, 0, bytes.Length);
            Catch(bytes, (read, _) => read.PingContext(0, out TimeSpan _));
            ZmtpReady ready = ZmtpReady.Read(command.Data, 0);
            Assert.True(ZmtpReady.IsIdentity(ready.Identity.Span));
        });
    });

    [Fact]
    public void An_endpoint_is_read_or_refused() => Fuzz.Run(5_000, random =>
    {
        string[] good = ["tcp://127.0.0.1:80", "tcp://[::1]:*", "ipc:///a/b", "ipc://@c", "tcp://host.example:1"];
        string text = System.Text.Encoding.Latin1.GetString(Fuzz.Mutate(random, System.Text.Encoding.Latin1.GetBytes(good[random.Next(good.Length)])));
        try
        {
            ZmtpEndpoint endpoint = ZmtpEndpoint.Parse(text);
            Assert.Equal(endpoint, ZmtpEndpoint.Parse(endpoint.ToString()));
        }
        catch (FormatException)
        {
            // As it should be.
        }
    });

    /// <summary>Each was found by a run above, or is the shortest form of something that went wrong once.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("0500")]
    [InlineData("02FFFFFFFFFFFFFFFF")]
    [InlineData("027FFFFFFFFFFFFFFF")]
    [InlineData("038000000000000000")]
    [InlineData("0100010004010002")]
    [InlineData("F90000F8")]
    public void Inputs_kept_are_read_as_the_plainest_reader_reads_them(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        (List<string> expected, bool refused) = NaiveFrames.Read(bytes, Small);
        List<string> found = [];
        using ZmtpFrameReader reader = new(Small, 0);
        Assert.Equal(refused, Catch(() => FrameFeed.Read(reader, bytes, () => 1, found)) is not null);
        Assert.Equal(expected, found);
    }

    private static byte[] Bytes(Random random)
    {
        if (random.Next(6) == 0)
            return Fuzz.RandomBytes(random, random.Next(300));
        List<byte> bytes = [];
        for (int parts = random.Next(1, 8); parts > 0; parts--)
        {
            int longest = random.Next(12) == 0 ? 100_000 : 300;
            bytes.AddRange(random.Next(4) == 0
                ? ZmtpFrameWriter.Command("NAME"u8, Fuzz.RandomBytes(random, random.Next(300)))
                : ZmtpFrameWriter.Message([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (ReadOnlyMemory<byte>)Fuzz.RandomBytes(random, random.Next(longest)))]));
        }

        return random.Next(3) == 0 ? [.. bytes] : Fuzz.Mutate(random, [.. bytes]);
    }

    private static ZmtpProtocolException? Catch(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (ZmtpProtocolException fault)
        {
            return fault;
        }
    }

    private delegate void WithCommand(ZmtpCommand command, int unused);

    private static void Catch(byte[] bytes, WithCommand read)
    {
        try
        {
            read(ZmtpCommand.Read(bytes, 0), 0);
        }
        catch (ZmtpProtocolException)
        {
            // As it should be.
        }
    }
}
