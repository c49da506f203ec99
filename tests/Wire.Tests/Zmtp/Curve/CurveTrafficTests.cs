using Testing;
using Wire.Zmtp;
using Wire.Zmtp.Curve;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp.Curve;

/// <summary>MESSAGE: frames sealed by one side and opened by the other.</summary>
public sealed class CurveTrafficTests
{
    [Fact]
    public void Any_frames_come_out_as_they_went_in() => Fuzz.Run(200, random =>
    {
        using CurvePair pair = new CurvePair().Shake();
        CurveInbox inbox = new(pair.Server.Traffic!, ZmtpOptions.Default);
        for (int sent = 0; sent < 5; sent++)
        {
            ReadOnlyMemory<byte>[] frames = [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (ReadOnlyMemory<byte>)Fuzz.RandomBytes(random, random.Next(5) == 0 ? random.Next(70_000) : random.Next(300)))];
            ZmtpMessage? found = null;
            foreach (ZmtpMessage outer in Sealed(pair.Client.Traffic!, ZmtpFrameWriter.Message(frames)))
                found = inbox.Open(outer, out ZmtpMessage message, 0) == ZmtpRead.Message ? message : null;
            Assert.Equal(frames.Length, found!.Value.Count);
            for (int i = 0; i < frames.Length; i++)
                Assert.True(frames[i].Span.SequenceEqual(found.Value[i].Span));
        }
    });

    [Fact]
    public void Commands_travel_inside()
    {
        using CurvePair pair = new CurvePair().Shake();
        CurveInbox inbox = new(pair.Client.Traffic!, ZmtpOptions.Default);
        ZmtpMessage outer = Assert.Single(Sealed(pair.Server.Traffic!, ZmtpCommand.Ping(TimeSpan.FromSeconds(1))));
        Assert.Equal(ZmtpRead.Command, inbox.Open(outer, out _, 0));
        Assert.True(ZmtpCommand.Read(inbox.Command.Span, 0).IsPing);
    }

    [Fact]
    public void Nothing_is_opened_twice_or_by_its_sender_or_after_a_later_one()
    {
        using CurvePair pair = new CurvePair().Shake();
        ZmtpMessage[] outer = Sealed(pair.Client.Traffic!, [.. ZmtpFrameWriter.Message(Frames("one")), .. ZmtpFrameWriter.Message(Frames("two"))]);
        CurveInbox back = new(pair.Client.Traffic!, ZmtpOptions.Default);
        Assert.Throws<ZmtpProtocolException>(() => back.Open(Copy(outer[0]), out _, 0));
        CurveInbox inbox = new(pair.Server.Traffic!, ZmtpOptions.Default);
        inbox.Open(Copy(outer[1]), out ZmtpMessage two, 0);
        Assert.Equal(["two"], two.Texts());
        Assert.Throws<ZmtpProtocolException>(() => inbox.Open(Copy(outer[1]), out _, 0));
        Assert.Throws<ZmtpProtocolException>(() => inbox.Open(Copy(outer[0]), out _, 0));
    }

    [Fact]
    public void Whatever_else_arrives_is_refused() => Fuzz.Run(3000, random =>
    {
        using CurvePair pair = new CurvePair().Shake();
        CurveInbox inbox = new(pair.Server.Traffic!, ZmtpOptions.Default);
        byte[] good = Assert.Single(Sealed(pair.Client.Traffic!, ZmtpFrameWriter.Message(Frames("some content")))).Body.ToArray();
        byte[] bad = random.Next(5) == 0 ? Fuzz.RandomBytes(random, random.Next(100)) : Fuzz.Mutate(random, good);
        if (!bad.AsSpan().SequenceEqual(good))
            Assert.Throws<ZmtpProtocolException>(() => inbox.Open(Message(bad), out _, 0));
    });

    [Fact]
    public void Limits_count_what_was_inside()
    {
        using CurvePair pair = new CurvePair().Shake();
        ZmtpOptions small = ZmtpOptions.Default with { MaxFramesPerMessage = 2, MaxMessageBytes = 1000 };
        Refused(nameof(ZmtpOptions.MaxFramesPerMessage), Frames("a", "b", "c"));
        Refused(nameof(ZmtpOptions.MaxMessageBytes), Frames(new string('x', 600), new string('y', 600)));

        void Refused(string limit, ReadOnlyMemory<byte>[] frames)
        {
            CurveInbox inbox = new(pair.Server.Traffic!, small);
            ZmtpProtocolException fault = Assert.Throws<ZmtpProtocolException>(() =>
            {
                foreach (ZmtpMessage outer in Sealed(pair.Client.Traffic!, ZmtpFrameWriter.Message(frames)))
                    inbox.Open(outer, out _, 0);
            });
            Assert.Contains(limit, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Of_a_broken_connection_whole_frames_count_as_sent()
    {
        byte[] first = ZmtpFrameWriter.Message(Frames("first"));
        byte[] both = [.. first, .. ZmtpFrameWriter.Message(Frames(new string('s', 400)))];
        int one = (int)CurveTraffic.Measure(first);
        Assert.Equal(0, CurveTraffic.PlainBytes(both, one - 1));
        Assert.Equal(first.Length, CurveTraffic.PlainBytes(both, one));
        Assert.Equal(first.Length, CurveTraffic.PlainBytes(both, (int)CurveTraffic.Measure(both) - 1));
        Assert.Equal(both.Length, CurveTraffic.PlainBytes(both, (int)CurveTraffic.Measure(both)));
    }

    private static ZmtpMessage[] Sealed(CurveTraffic traffic, byte[] frames)
    {
        byte[] target = new byte[CurveTraffic.Measure(frames)];
        traffic.Seal(frames, target);
        List<ZmtpMessage> found = [];
        for (int at = 0; at < target.Length;)
        {
            ZmtpFrameHeader.TryRead(target.AsSpan(at), out ZmtpFrameHeader header);
            Assert.Equal(0, header.Flags & ~ZmtpFrameHeader.LongFlag);
            at += header.Length;
            found.Add(Message(target[at..(at + (int)header.Size)]));
            at += (int)header.Size;
        }

        return [.. found];
    }

    private static ZmtpMessage Message(byte[] body)
    {
        byte[] block = [.. body, .. BitConverter.GetBytes(body.Length)];
        return new ZmtpMessage(block, body.Length, 1, null);
    }

    private static ZmtpMessage Copy(ZmtpMessage message) => Message(message.Body.ToArray());
}
