using System.Diagnostics;
using System.Globalization;
using System.Text;
using Wire.Jupyter;
using Wire.Zmtp;

namespace Benchmarks.Jupyter;

/// <summary>What each step of a message's way costs, in nanoseconds and bytes allocated: verify and read, frame for a browser, read from a browser, sign.</summary>
internal static class MessagesBenchmark
{
    private static readonly TimeSpan EachFor = TimeSpan.FromSeconds(1);

    public static Task RunAsync(string[] arguments)
    {
        Console.WriteLine("| step | content | ns | B allocated |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var size in new[] { 60, 300, 10_000 })
        {
            using var signer = new MessageSigner("9a0ae6e8-2d0f-4f7c-9f5c-3b5b7a1c1b1a");
            var message = Output(size);
            var frames = ZmtpMessage.Of(ZmqMessageCodec.Encode(message, signer, Encoding.UTF8.GetBytes("stream.stdout")));
            var v1 = WebSocketV1Codec.Encode(message);
            var legacy = WebSocketJsonCodec.Encode(message);
            var (parents, headers) = (new ParentHeaderCache(), new HeaderCache());
            var signature = new byte[MessageSigner.MaxSignatureLength];

            Measure("sign", size, () => signer.Sign(message, signature));
            Measure("verify and read from ZeroMQ", size, () => ZmqMessageCodec.TryDecode(frames, KernelChannel.IOPub, signer, MessageLimits.Default, out _, out _));
            Measure("  the same, after one of the same cell", size, () => ZmqMessageCodec.TryDecode(frames, KernelChannel.IOPub, signer, MessageLimits.Default, parents, headers, out _, out _));
            Measure("frame for v1", size, () => WebSocketV1Codec.Encode(message));
            Measure("frame for legacy", size, () => WebSocketJsonCodec.Encode(message));
            Measure("read from v1", size, () => WebSocketV1Codec.Decode(v1));
            Measure("read from legacy", size, () => WebSocketJsonCodec.Decode(legacy, isText: true));
            Measure("another session in the header", size, () => message.WithSession("another"));
        }

        return Task.CompletedTask;
    }

    private static KernelMessage Output(int size)
    {
        var asked = KernelMessage.Create(
            KernelChannel.Shell, MessageTypes.ExecuteRequest, default, "b2f6c1b0-6d0e-4f6e-9d5a-4c9b0f0e7a11", TimeProvider.System);
        var content = Encoding.UTF8.GetBytes($$"""{"name":"stdout","text":"{{new string('x', size)}}"}""");
        return KernelMessage.Create(KernelChannel.IOPub, MessageTypes.Stream, content, "0c5d2a55-4f3a-4c7e-8f57-6a3d0f8f2f77", TimeProvider.System, asked);
    }

    private static void Measure<T>(string step, int size, Func<T> once)
    {
        for (var i = 0; i < 5_000; i++)
            once();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        long count = 0;
        while (Stopwatch.GetElapsedTime(start) < EachFor)
        {
            for (var i = 0; i < 100; i++)
                once();
            count += 100;
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {step} | {size} B | {elapsed.TotalNanoseconds / count:0} | {allocated / count} |"));
    }
}
