using System.Buffers.Binary;
using Wire.Zmtp;
using Xunit;
using static Wire.Tests.Zmtp.SocketPairs;

namespace Wire.Tests.Zmtp;

/// <summary>A writer that has nothing more to write ends while the next begins: what they share must change hands whole.</summary>
public sealed class WriterTurnTests
{
    private const int Senders = 3;
    private const int MessagesEach = 100_000;

    [Fact]
    public async Task Writers_that_come_and_go_all_the_time_lose_and_garble_nothing()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        await using PublisherSocket publisher = new(ZmtpOptions.Default, TimeProvider.System);
        await using SubscriberSocket subscriber = new(ZmtpOptions.Default, TimeProvider.System);
        int[] next = new int[Senders];
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        subscriber.Start(message =>
        {
            ReadOnlySpan<byte> body = message[0].Span;
            (int sender, int number) = (body[0], BinaryPrimitives.ReadInt32LittleEndian(body[1..]));
            if (number != next[sender]++)
                all.TrySetException(new InvalidOperationException($"{number} of sender {sender} came when {next[sender] - 1} was due"));
            if (next.All(count => count == MessagesEach))
                all.TrySetResult();
            return ValueTask.CompletedTask;
        });
        subscriber.Subscribe([]);
        TaskCompletionSource wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        publisher.SubscriptionChanged += (_, _, _) => wanted.TrySetResult();
        subscriber.Connect(publisher.Bind(Fresh("ipc")));
        await wanted.Task.WaitAsync(cancelled);

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Factory.StartNew(() => Send(publisher, (byte)sender, all.Task, cancelled), cancelled, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await all.Task.WaitAsync(TimeSpan.FromSeconds(60), cancelled);
    }

    /// <summary>Bursts of a few, so that now a message leaves alone and now several together.</summary>
    private static void Send(PublisherSocket publisher, byte sender, Task failed, CancellationToken cancelled)
    {
        Random random = new(sender);
        for (int i = 0; i < MessagesEach; i++)
        {
            byte[] body = new byte[20 + random.Next(300)];
            body[0] = sender;
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(1), i);
            SpinWait turn = default;
            while (publisher.Publish([body]) == 0)
            {
                if (failed.IsFaulted)
                    return;
                cancelled.ThrowIfCancellationRequested();
                turn.SpinOnce();
            }

            if (random.Next(6) == 0)
                Thread.SpinWait(random.Next(3000));
        }
    }
}
