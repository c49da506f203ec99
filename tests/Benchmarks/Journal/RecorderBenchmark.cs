using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hub.Journal.Recording;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Wire.Jupyter;
using Wire.Zmtp;

namespace Benchmarks.Journal;

/// <summary>What the recorder costs as the process it is: memory with many idle kernels, CPU per message while the hub takes them, and while nobody does.</summary>
internal static class RecorderBenchmark
{
    private const int Kernels = 500;
    private const int Messages = 100_000;

    public static async Task RunAsync(string[] arguments)
    {
        string data = Directory.CreateTempSubdirectory("recorder-bench-").FullName;
        Directory.CreateDirectory(Path.Combine(data, "run"));
        RecorderOptions options = new() { IdleExit = TimeSpan.FromSeconds(4) };
        List<PublisherSocket> publishers = [];
        try
        {
            await using (Recorder recorder = new(Options.Create(options), new DataLayout(data), TimeProvider.System, NullLogger<Recorder>.Instance))
            {
                await WatchAsync(recorder, 0, data, publishers);
                int process = FindProcess(data);
                await SettleAsync();
                long one = Resident(process);
                for (int i = 1; i <= Kernels; i++)
                    await WatchAsync(recorder, i, data, publishers);
                await SettleAsync();
                long many = Resident(process);
                Print($"recorder with 1 kernel: {one / 1024.0:0} MB; each further idle kernel: {(many - one) / (double)Kernels:0.0} KiB");

                (double cpu, double rate) = await FloodAsync(publishers[0], process, i => recorder.Journaled("k0", Id(i)));
                Print($"300 B while the hub tells what it has: {cpu:0.00} µs CPU per message at {rate / 1000:0} thousand/s");
                (cpu, rate) = await FloodAsync(publishers[0], process, _ => { });
                Print($"300 B while nobody takes them (memory, then disk): {cpu:0.00} µs CPU per message at {rate / 1000:0} thousand/s");
                await SettleAsync();
                Print($"memory after that: {Resident(process) / 1024.0:0} MB");
            }
        }
        finally
        {
            foreach (PublisherSocket publisher in publishers)
                await publisher.DisposeAsync();
            for (int waited = 0; waited < 20 && (File.Exists(Path.Combine(data, "run", "recorder.sock")) || Directory.EnumerateDirectories(Path.Combine(data, "recorder", "journal")).Any()); waited++)
                await SettleAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task WatchAsync(Recorder recorder, int number, string data, List<PublisherSocket> publishers)
    {
        PublisherSocket publisher = new(ZmtpOptions.Default, TimeProvider.System);
        publishers.Add(publisher);
        ZmtpEndpoint endpoint = ZmtpEndpoint.Parse($"ipc://{data}/run/k{number}");
        publisher.Bind(endpoint);
        if (!await recorder.WatchAsync($"k{number}", endpoint.ToString(), default))
            throw new InvalidOperationException("the recorder does not take the kernel");
        while (publisher.PeerCount == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
    }

    private static async Task<(double Cpu, double Rate)> FloodAsync(PublisherSocket publisher, int process, Action<int> told)
    {
        using MessageSigner signer = new("key");
        byte[] content = Encoding.UTF8.GetBytes($$"""{"name":"stdout","text":"{{new string('x', 300)}}"}""");
        ReadOnlyMemory<byte>[][] messages = [.. Enumerable.Range(0, 1_000).Select(i =>
            ZmqMessageCodec.Encode(KernelMessage.Create(KernelChannel.IOPub, MessageTypes.Stream, content, "session", TimeProvider.System, messageId: Id(i)), signer).ToArray())];
        TimeSpan before = Cpu(process);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Messages; i++)
        {
            // A publisher drops beyond its high-water mark: it is not to be measured here.
            while (publisher.Publish(messages[i % 1_000]) == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            if (i % 100 == 99)
            {
                told(i % 1_000);
                await Task.Yield();
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await SettleAsync();
        return ((Cpu(process) - before).TotalMicroseconds / Messages, Messages / seconds);
    }

    private static string Id(int i) => $"benchmark_{i}";

    private static Task SettleAsync() => Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);

    private static int FindProcess(string data) => Process.GetProcesses().Select(process => process.Id).Where(id =>
    {
        try
        {
            string line = File.ReadAllText($"/proc/{id}/cmdline");
            return line.Contains(RecorderProcess.Verb, StringComparison.Ordinal) && line.Contains(data, StringComparison.Ordinal) && !line.StartsWith("/bin/sh", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }).Max();

    private static TimeSpan Cpu(int process) => Process.GetProcessById(process).TotalProcessorTime;

    private static long Resident(int process) => Process.GetProcessById(process).WorkingSet64 / 1024;

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
