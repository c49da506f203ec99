using System.Diagnostics;
using Wire.Zmtp;

namespace Benchmarks.Zmtp;

/// <summary>The parts of <see cref="ZmtpBenchmark"/> that our sockets play.</summary>
internal static class OurParts
{
    public static Task<double[]> MeasureAsync(string kind, string endpoint, int size) => kind switch
    {
        "roundtrip" => RoundTripsAsync(ZmtpEndpoint.Parse(endpoint)),
        "subscribe" => SubscribeAsync(ZmtpEndpoint.Parse(endpoint), size),
        "publish" => PublishAsync(ZmtpEndpoint.Parse(endpoint), size),
        _ => IdleAsync(ZmtpEndpoint.Parse(endpoint)),
    };

    private static async Task<double[]> RoundTripsAsync(ZmtpEndpoint endpoint)
    {
        ReadOnlyMemory<byte>[] frames = [.. Load.SixFrames.Select(frame => (ReadOnlyMemory<byte>)frame)];
        await using DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
        TaskCompletionSource done = new();
        List<long> ticks = [];
        int count = 0;
        long start = 0;
        // As the hub works: each answer is handled where it arrives.
        dealer.Start(async _ =>
        {
            if (++count > Load.WarmUp)
                ticks.Add(Stopwatch.GetTimestamp() - start);
            if (ticks.Count == Load.RoundTrips)
                done.SetResult();
            start = Stopwatch.GetTimestamp();
            await dealer.SendAsync(frames, default);
        });
        dealer.Connect(endpoint);
        await dealer.SendAsync(frames, default);
        await done.Task;
        return [Load.Median(ticks)];
    }

    private static async Task<double[]> SubscribeAsync(ZmtpEndpoint endpoint, int size)
    {
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        TaskCompletionSource<double[]> done = new();
        Load.Watch? watch = null;
        int count = 0;
        subscriber.Start(_ =>
        {
            watch ??= new Load.Watch();
            if (++count == Load.Messages(size))
                done.SetResult(watch.Figures(count));
            return ValueTask.CompletedTask;
        });
        subscriber.Subscribe([]);
        subscriber.Connect(endpoint);
        return await done.Task;
    }

    private static async Task<double[]> PublishAsync(ZmtpEndpoint endpoint, int size)
    {
        await using PublisherSocket publisher = new(ZmtpOptions.Default, TimeProvider.System);
        publisher.Connect(endpoint);
        byte[] body = new byte[size];
        while (publisher.Publish([body]) == 0)
            await Task.Yield();
        Load.Watch watch = new();
        for (int sent = 0; sent < Load.Messages(size);)
        {
            // A publisher never waits, so a full queue is tried again, as XPUB_NODROP does.
            if (publisher.Publish([body]) == 1)
                sent++;
            else
                await Task.Yield();
        }

        return watch.Figures(Load.Messages(size));
    }

    private static async Task<double[]> IdleAsync(ZmtpEndpoint endpoint)
    {
        List<DealerSocket> sockets = [];
        await OpenAsync(endpoint, Load.WarmUpSockets, sockets);
        double before = Load.ResidentMegabytes();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        await OpenAsync(endpoint, Load.IdleSockets, sockets);
        double[] figures = [Load.ResidentMegabytes() - before, (GC.GetTotalMemory(forceFullCollection: true) - managed) / 1e6];
        foreach (DealerSocket socket in sockets)
            await socket.DisposeAsync();
        return figures;
    }

    private static async Task OpenAsync(ZmtpEndpoint endpoint, int count, List<DealerSocket> sockets)
    {
        for (int i = 0; i < count; i++)
        {
            DealerSocket dealer = new(default, ZmtpOptions.Default, TimeProvider.System);
            TaskCompletionSource heard = new();
            dealer.Start(_ =>
            {
                heard.TrySetResult();
                return ValueTask.CompletedTask;
            });
            dealer.Connect(endpoint);
            await dealer.SendAsync([new byte[1]], default);
            await heard.Task;
            sockets.Add(dealer);
        }
    }
}
