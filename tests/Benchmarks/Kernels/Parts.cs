using System.Text;
using Benchmarks.Zmtp;
using Wire.Jupyter;

namespace Benchmarks.Kernels;

/// <summary>The sides of <see cref="KernelsBenchmark"/>: the kernel, and who listens to it.</summary>
internal static class Parts
{
    public const int IdleKernels = 1000;

    private const int WarmUpKernels = 50;
    private const int Received = 1_000_000;
    private const int BurstsOfASize = 3;
    private const int IOPub = 2;

    public static readonly int[] Bursts = [400, 1_000, 3_000, 10_000, 100_000];

    private static readonly TimeSpan BetweenBursts = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan AtRest = TimeSpan.FromSeconds(5);

    private static readonly MessageSigner Signer = new("9a0ae6e8-2d0f-4f7c-9f5c-3b5b7a1c1b1a");

    public static void Spin()
    {
        while (true)
            Thread.SpinWait(1000);
    }

    /// <summary>Works until it is killed.</summary>
    public static async Task BeKernelAsync(string part, string prefix)
    {
        nint iopub = Libzmq.Open(Libzmq.XPub);
        if (part == "receive")
            Libzmq.NoDrop(iopub);
        Libzmq.Bind(iopub, $"ipc://{prefix}-{IOPub}");
        for (int port = 1; port <= 5; port++)
        {
            if (port != IOPub)
                Libzmq.Bind(Libzmq.Open(Libzmq.Router), $"ipc://{prefix}-{port}");
        }

        Console.WriteLine("listening");
        Libzmq.Receive(iopub, new byte[64]);
        if (part == "idle")
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        await Task.Delay(BetweenBursts, TimeProvider.System);
        byte[][] frames = Message(1);
        if (part == "receive")
        {
            while (true)
                Send(iopub, frames);
        }

        // The end of a burst is told after a pause, so that it is never what is lost.
        byte[][] end = Message(0);
        foreach (int size in Bursts)
        {
            for (int times = 0; times < BurstsOfASize; times++)
            {
                for (int i = 0; i < size; i++)
                    Send(iopub, frames);
                await Task.Delay(BetweenBursts, TimeProvider.System);
                Send(iopub, end);
                await Task.Delay(BetweenBursts, TimeProvider.System);
            }
        }
    }

    public static Task<double[]> MeasureAsync(string who, string part, string prefix) => (who, part) switch
    {
        ("libzmq", "receive") => Task.FromResult(ReceiveByLibzmq(prefix)),
        ("libzmq", _) => Task.FromResult(BurstToLibzmq(prefix)),
        (_, "receive") => ReceiveAsync(prefix, release: who == "client"),
        (_, "burst") => BurstAsync(prefix),
        _ => IdleAsync(prefix),
    };

    private static async Task<double[]> ReceiveAsync(string prefix, bool release)
    {
        TaskCompletionSource<double[]> done = new();
        Load.Watch? watch = null;
        int count = 0;
        await using KernelClient client = Client(prefix);
        client.Start(message =>
        {
            // What any hub asks of every message.
            if (message.MessageType != MessageTypes.Stream || message.ParentMessageId.Length == 0)
                throw new InvalidOperationException("another message came");
            if (release)
                message.Release();
            if (++count == Load.WarmUp)
                watch = new Load.Watch();
            if (count == Load.WarmUp + Received)
                done.SetResult(watch!.Figures(Received));
            return ValueTask.CompletedTask;
        });
        return await done.Task;
    }

    private static double[] ReceiveByLibzmq(string prefix)
    {
        nint subscriber = Subscribe(prefix);
        byte[] buffer = new byte[4096];
        for (int i = 0; i < Load.WarmUp; i++)
            Receive(subscriber, buffer);
        Load.Watch watch = new();
        for (int i = 0; i < Received; i++)
            Receive(subscriber, buffer);
        return watch.Figures(Received);
    }

    private static async Task<double[]> BurstAsync(string prefix)
    {
        TaskCompletionSource<double[]> done = new();
        Losses losses = new();
        await using KernelClient client = Client(prefix);
        client.Start(message =>
        {
            bool end = message.MessageType != MessageTypes.Stream;
            message.Release();
            if (losses.Hears(end) is { } shares)
                done.TrySetResult(shares);
            return ValueTask.CompletedTask;
        });
        return await done.Task;
    }

    private static double[] BurstToLibzmq(string prefix)
    {
        nint subscriber = Subscribe(prefix);
        byte[] buffer = new byte[4096];
        Losses losses = new();
        while (true)
        {
            if (losses.Hears(Receive(subscriber, buffer) == 0) is { } shares)
                return shares;
        }
    }

    private static async Task<double[]> IdleAsync(string prefix)
    {
        List<KernelClient> clients = [];
        await ConnectAsync(WarmUpKernels);
        double before = Load.ResidentMegabytes();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        await ConnectAsync(IdleKernels);
        double resident = Load.ResidentMegabytes() - before;
        long held = GC.GetTotalMemory(forceFullCollection: true) - managed;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        await Task.Delay(AtRest, TimeProvider.System);
        double[] figures = [resident * 1e6 / 1024 / IdleKernels, held / 1024.0 / IdleKernels, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / AtRest.TotalSeconds / IdleKernels];
        foreach (KernelClient client in clients)
            await client.DisposeAsync();
        return figures;

        async Task ConnectAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                KernelClient client = Client(prefix);
                client.Start(_ => ValueTask.CompletedTask);
                clients.Add(client);
                while (!client.IsConnected)
                    await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }
    }

    private static KernelClient Client(string prefix) =>
        new(new ConnectionInfo("ipc", prefix, 1, 3, IOPub, 4, 5, "9a0ae6e8-2d0f-4f7c-9f5c-3b5b7a1c1b1a"), Guid.NewGuid().ToString(), TimeProvider.System);

    private static nint Subscribe(string prefix)
    {
        nint subscriber = Libzmq.Open(Libzmq.Sub);
        Libzmq.SubscribeAll(subscriber);
        Libzmq.Connect(subscriber, $"ipc://{prefix}-{IOPub}");
        return subscriber;
    }

    /// <summary>A whole message; the length of its first frame, which is 0 for the end of a burst.</summary>
    private static int Receive(nint subscriber, byte[] buffer)
    {
        (int first, bool more) = Libzmq.Receive(subscriber, buffer);
        while (more)
            (_, more) = Libzmq.Receive(subscriber, buffer);
        return first;
    }

    private static void Send(nint publisher, byte[][] frames)
    {
        for (int i = 0; i < frames.Length; i++)
            Libzmq.Send(publisher, frames[i], more: i < frames.Length - 1);
    }

    private static byte[][] Message(int topic)
    {
        KernelMessage asked = KernelMessage.Create(
            KernelChannel.Shell, MessageTypes.ExecuteRequest, default, "b2f6c1b0-6d0e-4f6e-9d5a-4c9b0f0e7a11", TimeProvider.System);
        byte[] content = Encoding.UTF8.GetBytes($$"""{"name":"stdout","text":"{{new string('x', 300)}}"}""");
        KernelMessage said = KernelMessage.Create(
            KernelChannel.IOPub, topic == 0 ? MessageTypes.Status : MessageTypes.Stream, content, "0c5d2a55-4f3a-4c7e-8f57-6a3d0f8f2f77", TimeProvider.System, asked);
        return [.. ZmqMessageCodec.Encode(said, Signer, topic == 0 ? default : Encoding.UTF8.GetBytes("stream.stdout")).Select(frame => frame.ToArray())];
    }

    /// <summary>Counts what came of each burst.</summary>
    private sealed class Losses
    {
        private readonly double[] _shares = new double[Bursts.Length];
        private int _ended;
        private int _count;

        /// <summary>Of each size the worst share that came, in percent, once all is over.</summary>
        public double[]? Hears(bool end)
        {
            if (!end)
            {
                _count++;
                return null;
            }

            int size = _ended++ / BurstsOfASize;
            double share = 100.0 * _count / Bursts[size];
            _shares[size] = (_ended - 1) % BurstsOfASize == 0 ? share : Math.Min(_shares[size], share);
            _count = 0;
            return _ended == Bursts.Length * BurstsOfASize ? _shares : null;
        }
    }
}
