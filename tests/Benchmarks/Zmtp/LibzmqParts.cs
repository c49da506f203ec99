using System.Diagnostics;

namespace Benchmarks.Zmtp;

/// <summary>The parts of <see cref="ZmtpBenchmark"/> that libzmq plays: every peer, and the side that is compared with ours.</summary>
internal static class LibzmqParts
{
    /// <summary>Binds and works until it is killed.</summary>
    public static void BePeer(string kind, string endpoint, int size)
    {
        byte[] buffer = new byte[64 * 1024];
        switch (kind)
        {
            case "publish":
                nint publisher = Libzmq.Open(Libzmq.XPub);
                Libzmq.NoDrop(publisher);
                Libzmq.Bind(publisher, endpoint);
                Libzmq.Receive(publisher, buffer);
                while (true)
                    Libzmq.Send(publisher, buffer.AsSpan(0, size), more: false);
            case "subscribe":
                nint subscriber = Libzmq.Open(Libzmq.Sub);
                Libzmq.SubscribeAll(subscriber);
                Libzmq.Bind(subscriber, endpoint);
                while (true)
                    Libzmq.Receive(subscriber, buffer);
            default:
                nint router = Libzmq.Open(Libzmq.Router);
                Libzmq.Bind(router, endpoint);
                while (true)
                {
                    (int length, bool more) = Libzmq.Receive(router, buffer);
                    Libzmq.Send(router, buffer.AsSpan(0, length), more);
                }
        }
    }

    public static double[] Measure(string kind, string endpoint, int size) => kind switch
    {
        "roundtrip" => RoundTrips(endpoint),
        "subscribe" => Subscribe(endpoint, size),
        "publish" => Publish(endpoint, size),
        _ => Idle(endpoint),
    };

    private static double[] RoundTrips(string endpoint)
    {
        nint dealer = Libzmq.Open(Libzmq.Dealer);
        Libzmq.Connect(dealer, endpoint);
        byte[] buffer = new byte[1024];
        List<long> ticks = [];
        for (int i = 0; i < Load.WarmUp + Load.RoundTrips; i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int frame = 0; frame < Load.SixFrames.Length; frame++)
                Libzmq.Send(dealer, Load.SixFrames[frame], more: frame < Load.SixFrames.Length - 1);
            while (Libzmq.Receive(dealer, buffer).More)
            {
                // The frames of one echo.
            }

            if (i >= Load.WarmUp)
                ticks.Add(Stopwatch.GetTimestamp() - start);
        }

        return [Load.Median(ticks)];
    }

    private static double[] Subscribe(string endpoint, int size)
    {
        nint subscriber = Libzmq.Open(Libzmq.Sub);
        Libzmq.SubscribeAll(subscriber);
        Libzmq.Connect(subscriber, endpoint);
        byte[] buffer = new byte[size];
        Libzmq.Receive(subscriber, buffer);
        Load.Watch watch = new();
        for (int i = 0; i < Load.Messages(size); i++)
            Libzmq.Receive(subscriber, buffer);
        return watch.Figures(Load.Messages(size));
    }

    private static double[] Publish(string endpoint, int size)
    {
        nint publisher = Libzmq.Open(Libzmq.XPub);
        Libzmq.NoDrop(publisher);
        Libzmq.Connect(publisher, endpoint);
        byte[] buffer = new byte[size];
        Libzmq.Receive(publisher, buffer);
        Load.Watch watch = new();
        for (int i = 0; i < Load.Messages(size); i++)
            Libzmq.Send(publisher, buffer, more: false);
        return watch.Figures(Load.Messages(size));
    }

    private static double[] Idle(string endpoint)
    {
        nint context = Libzmq.NewContext();
        Libzmq.AllowSockets(context, Load.WarmUpSockets + Load.IdleSockets + 10);
        Open(context, endpoint, Load.WarmUpSockets);
        double before = Load.ResidentMegabytes();
        Open(context, endpoint, Load.IdleSockets);
        return [Load.ResidentMegabytes() - before, 0];
    }

    private static void Open(nint context, string endpoint, int count)
    {
        byte[] buffer = new byte[16];
        for (int i = 0; i < count; i++)
        {
            nint dealer = Libzmq.Socket(context, Libzmq.Dealer);
            Libzmq.Connect(dealer, endpoint);
            Libzmq.Send(dealer, [1], more: false);
            Libzmq.Receive(dealer, buffer);
        }
    }
}
