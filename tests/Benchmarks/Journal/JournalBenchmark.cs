using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hub.Journal;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Wire.Jupyter;

namespace Benchmarks.Journal;

/// <summary>What a journal costs the kernel's loop, the machine and whoever reads it.</summary>
internal static class JournalBenchmark
{
    private const int Messages = 400_000;

    public static async Task RunAsync(string[] arguments)
    {
        Console.WriteLine("| | 300 B | 10 kB |\n|---|---|---|");
        Figures small = await MeasureAsync(300, Messages), large = await MeasureAsync(10_000, Messages / 10);
        Row("append, in memory, ns of the loop", small.Memory, large.Memory);
        Row("append, journal on disk, ns of the loop", small.Append, large.Append);
        Row("allocated by the loop per message, B", small.Allocated, large.Allocated);
        Row("CPU of the whole process per message, on disk, µs", small.Cpu, large.Cpu);
        Row("written to the files, thousand messages/s", small.Written, large.Written);
        Row("read back from the files, thousand messages/s", small.Read, large.Read);
        Row("read back, MB/s", small.ReadBytes, large.ReadBytes);
        await OpenAsync();
    }

    private static async Task<Figures> MeasureAsync(int size, int count)
    {
        KernelMessage[] messages = [.. Enumerable.Range(0, 1_000).Select(_ => Output(size))];
        Append(Open(new() { OnDisk = false }, "/nowhere"), messages, count / 4);
        double memory = Append(Open(new() { OnDisk = false }, "/nowhere"), messages, count).Nanoseconds;

        string data = Directory.CreateTempSubdirectory("journal-bench-").FullName;
        try
        {
            // Nothing is to be dropped: the rate of the disk is asked for, not that of forgetting.
            JournalOptions options = new() { UnwrittenBytes = 4L << 30, BytesPerKernel = 8L << 30, MemoryBytes = 0 };
            await using JournalStore store = Store(options, data);
            KernelJournal journal = store.Open("k");
            Append(journal, messages, 10_000);
            await journal.WrittenAsync(default);
            GC.Collect();
            TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
            long start = Stopwatch.GetTimestamp();
            (double append, double allocated) = Append(journal, messages, count);
            journal.Push();
            await journal.WrittenAsync(default);
            double written = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
            double each = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / count;

            using JournalReader reader = journal.Read(10_000);
            (long read, long bytes) = (0, 0);
            start = Stopwatch.GetTimestamp();
            while (await reader.NextAsync(1_000, 1 << 20, default) is { Count: > 0 } some)
            {
                read += some.Count;
                foreach (JournalEntry entry in some)
                    bytes += entry.Size;
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (read != count)
                throw new InvalidOperationException($"read {read} of {count}");
            return new Figures(memory, append, allocated, each, written / 1_000, read / seconds / 1_000, bytes / seconds / 1e6);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task OpenAsync()
    {
        string data = Directory.CreateTempSubdirectory("journal-bench-").FullName;
        try
        {
            JournalOptions options = new();
            KernelMessage[] messages = [.. Enumerable.Range(0, 1_000).Select(_ => Output(300))];
            await using (JournalStore store = Store(options, data))
            {
                KernelJournal journal = store.Open("k");
                for (int i = 0; i < 80; i++)
                {
                    Append(journal, messages, 1_000);
                    await journal.WrittenAsync(default);
                }
            }

            FileInfo last = new DirectoryInfo(Path.Combine(data, "journal", "k")).EnumerateFiles("*.seg").OrderBy(file => file.Name).Last();
            using (FileStream torn = last.OpenWrite())
                torn.SetLength(last.Length - 100);
            long total = new DirectoryInfo(Path.Combine(data, "journal", "k")).EnumerateFiles("*.seg").Sum(file => file.Length);
            await using JournalStore again = Store(options, data);
            long start = Stopwatch.GetTimestamp();
            KernelJournal opened = again.Open("k");
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nopened after a crash: {total / 1e6:0} MB in {milliseconds:0.0} ms, up to entry {opened.LastSequence}"));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static KernelJournal Open(JournalOptions options, string data) => Store(options, data).Open("k");

    private static JournalStore Store(JournalOptions options, string data) => new(Options.Create(options), new DataLayout(data), TimeProvider.System, NullLogger<JournalStore>.Instance);

    private static (double Nanoseconds, double Allocated) Append(KernelJournal journal, KernelMessage[] messages, int count)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            journal.Append(JournalKind.Said, messages[i % messages.Length]);
        double each = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
        return (each, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)count);
    }

    private static KernelMessage Output(int size)
    {
        KernelMessage asked = KernelMessage.Create(KernelChannel.Shell, MessageTypes.ExecuteRequest, default, "b2f6c1b0-6d0e-4f6e-9d5a-4c9b0f0e7a11", TimeProvider.System);
        byte[] content = Encoding.UTF8.GetBytes($$"""{"name":"stdout","text":"{{new string('x', size)}}"}""");
        return KernelMessage.Create(KernelChannel.IOPub, MessageTypes.Stream, content, "0c5d2a55-4f3a-4c7e-8f57-6a3d0f8f2f77", TimeProvider.System, asked);
    }

    private static void Row(string what, double small, double large) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {(small < 10 ? $"{small:0.00}" : $"{small:0}")} | {(large < 10 ? $"{large:0.00}" : $"{large:0}")} |"));

    private sealed record Figures(double Memory, double Append, double Allocated, double Cpu, double Written, double Read, double ReadBytes);
}
