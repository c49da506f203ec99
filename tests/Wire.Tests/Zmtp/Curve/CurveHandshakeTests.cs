using System.Reflection;
using Testing;
using Wire.Zmtp;
using Xunit;

namespace Wire.Tests.Zmtp.Curve;

/// <summary>The handshake of CURVE without sockets.</summary>
public sealed class CurveHandshakeTests
{
    [Fact]
    public void Both_sides_know_each_other_after_four_commands()
    {
        using CurvePair pair = new CurvePair().Shake();
        Assert.Equal(ZmtpSocketType.Router, pair.Client.Ready!.Value.SocketType);
        Assert.Equal(ZmtpSocketType.Dealer, pair.Server.Ready!.Value.SocketType);
        Assert.Equal("me", pair.Server.Ready.Value.Identity.Text());
    }

    [Fact]
    public void Commands_have_the_lengths_of_the_specification()
    {
        List<int> lengths = [];
        using CurvePair pair = new CurvePair().Shake((_, frame) =>
        {
            ZmtpFrameHeader.TryRead(frame, out ZmtpFrameHeader header);
            lengths.Add((int)header.Size);
            return frame;
        });
        int client = ZmtpReady.Properties(ZmtpSocketType.Dealer, "me"u8).Length;
        int server = ZmtpReady.Properties(ZmtpSocketType.Router, default).Length;
        Assert.Equal([200, 168, 257 + client, 30 + server], lengths);
    }

    [Fact]
    public void The_server_sees_the_key_the_client_holds_and_may_refuse_it()
    {
        List<byte[]> seen = [];
        using (CurvePair pair = new CurvePair(key => Note(key)).Shake())
            Assert.Equal([pair.ClientKey.ToArray()], seen);

        using CurvePair refused = new(_ => false);
        ZmtpProtocolException fault = Assert.Throws<ZmtpProtocolException>(() => refused.Shake());
        Assert.Equal("400", fault.ToldPeer);
        Assert.Null(refused.Server.Traffic);

        bool Note(ReadOnlyMemory<byte> key)
        {
            seen.Add(key.ToArray());
            return true;
        }
    }

    [Fact]
    public void A_client_that_knows_another_server_key_is_not_answered()
    {
        using CurvePair one = new();
        using CurvePair other = new();
        Assert.Throws<ZmtpProtocolException>(() => CurvePair.Give(other.Server, one.Client.Opening!));
    }

    /// <summary>The zeroes that pad HELLO are nobody's business; every other bit of every command is.</summary>
    [Fact]
    public void One_changed_bit_anywhere_ends_the_handshake() => Fuzz.Run(400, random =>
    {
        int victim = random.Next(4);
        using CurvePair pair = new();
        Assert.Throws<ZmtpProtocolException>(() => pair.Shake((i, frame) =>
        {
            if (i != victim)
                return frame;
            ZmtpFrameHeader.TryRead(frame, out ZmtpFrameHeader header);
            const int MinorAndPadding = 1 + 72;
            int at = random.Next(header.Length, frame.Length - (i == 0 ? MinorAndPadding : 0));
            int minor = header.Length + "_HELLO_".Length;
            byte[] changed = [.. frame];
            changed[i == 0 && at >= minor ? at + MinorAndPadding : at] ^= (byte)(1 << random.Next(8));
            return changed;
        }));
        Assert.Null(victim % 2 == 0 ? pair.Server.Traffic : pair.Client.Traffic);
    });

    [Fact]
    public void Commands_cut_doubled_or_made_up_are_refused_as_such() => Fuzz.Run(2000, random =>
    {
        int victim = random.Next(4);
        using CurvePair pair = new();
        try
        {
            pair.Shake((i, frame) =>
            {
                if (i != victim)
                    return frame;
                ZmtpFrameHeader.TryRead(frame, out ZmtpFrameHeader header);
                byte[] body = Fuzz.Mutate(random, frame[header.Length..]);
                byte[] changed = new byte[9 + body.Length];
                int length = ZmtpFrameHeader.Write(changed, body.Length, ZmtpFrameHeader.CommandFlag);
                body.CopyTo(changed, length);
                return changed[..(length + body.Length)];
            });
        }
        catch (Exception refused) when (refused is ZmtpProtocolException or ZmtpPeerErrorException)
        {
            Assert.True(pair.Client.Traffic is null || pair.Server.Traffic is null);
        }
    });

    [Fact]
    public void Commands_out_of_turn_are_refused()
    {
        using CurvePair pair = new();
        byte[] hello = pair.Client.Opening!;
        Assert.Throws<ZmtpProtocolException>(() => CurvePair.Give(pair.Client, hello));
        CurvePair.Give(pair.Server, hello);
        Assert.Throws<ZmtpProtocolException>(() => CurvePair.Give(pair.Server, hello));
        Assert.Throws<ZmtpPeerErrorException>(() => CurvePair.Give(pair.Client, ZmtpCommand.Error("no")));
    }

    [Fact]
    public void A_cookie_opens_no_other_handshake()
    {
        using CurvePair pair = new();
        byte[] welcome = CurvePair.Give(pair.Server, pair.Client.Opening!)!;
        byte[] initiate = CurvePair.Give(pair.Client, welcome)!;
        using CurvePair other = new();
        CurvePair.Give(other.Server, other.Client.Opening!);
        Assert.Throws<ZmtpProtocolException>(() => CurvePair.Give(other.Server, initiate));
        Assert.NotNull(CurvePair.Give(pair.Server, initiate));
    }

    [Fact]
    public void A_public_key_that_yields_a_key_anybody_knows_is_refused()
    {
        using CurvePair pair = new();
        byte[] hello = [.. pair.Client.Opening!];
        hello.AsSpan(2 + "_HELLO".Length + 2 + 72, 32).Clear();
        ZmtpProtocolException fault = Assert.Throws<ZmtpProtocolException>(() => CurvePair.Give(pair.Server, hello));
        Assert.StartsWith("a key of the peer is none", fault.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_zeroed_at_the_end()
    {
        CurvePair pair = new CurvePair().Shake();
        object[] holders = [pair.Client, pair.Server, pair.Client.Traffic!, pair.Server.Traffic!];
        Assert.Contains(holders.SelectMany(Secrets), secret => secret.Any(one => one != 0));
        pair.Dispose();
        Assert.All(holders.SelectMany(Secrets), secret => Assert.Equal(new byte[32], secret));

        static IEnumerable<byte[]> Secrets(object holder)
        {
            for (Type? type = holder.GetType(); type != typeof(object); type = type!.BaseType)
            {
                foreach (FieldInfo field in type!.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    if (field.FieldType == typeof(byte[]) && (field.Name.Contains("ecret", StringComparison.Ordinal) || field.Name.EndsWith("ey", StringComparison.Ordinal) || field.Name.Contains("SessionKey", StringComparison.Ordinal)))
                        yield return (byte[])field.GetValue(holder)!;
                }
            }
        }
    }
}
