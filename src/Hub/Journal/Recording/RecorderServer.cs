using System.Collections.Concurrent;
using System.Net.Sockets;
using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Hub.Journal.Recording;

/// <summary>
/// The recorder: hears kernels at the endpoints hubs name, keeps what was published until the hub has it in its journal, and hands it over. It
/// knows no key and verifies nothing: that is for the hub that takes it.
/// </summary>
/// <remarks>Its life: takes the lock (or ends: there is one already), listens at <c>run/recorder.sock</c> for this user alone, ends when nobody needs it.</remarks>
internal sealed class RecorderServer : IAsyncDisposable
{
    /// <summary>Bytes of messages sent to a hub in one go.</summary>
    private const int Batch = 256 << 10;

    private readonly RecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly FileStream _lock;
    private readonly Socket _listener;
    private readonly JournalStore _store;
    private readonly ConcurrentDictionary<string, Recording> _recordings = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Task _accepting;
    private readonly string _path;
    private int _connections;
    private long _idleSince;

    private RecorderServer(string data, RecorderOptions options, TimeProvider time, FileStream held)
    {
        (_options, _time, _lock) = (options, time, held);
        DataLayout spill = new(Path.Combine(data, "recorder"));
        // What an earlier recorder left is of no use: nobody knows what followed it.
        if (Directory.Exists(spill.Root))
            Directory.Delete(spill.Root, recursive: true);
        Directory.CreateDirectory(spill.Journal, JournalFiles.OwnerOnly);
        _store = new JournalStore(
            Options.Create(new JournalOptions
            {
                BytesPerKernel = Math.Max(65_536, options.SpillBytes),
                UnwrittenBytes = options.BytesPerKernel,
                OnDisk = options.SpillBytes > 0,
                // What is dropped is dropped by segments, so that a small limit needs small ones.
                SegmentBytes = (int)Math.Clamp(options.SpillBytes / 8, 64 << 10, 4 << 20),
                MemoryBytes = 0,
                BlobBytes = int.MaxValue,
                PushBytes = int.MaxValue,
                Writers = 1,
            }),
            spill, time, NullLogger<JournalStore>.Instance);
        _path = SocketIn(data);
        File.Delete(_path);
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        int before = RecorderPosix.SetMask(0b001_111_111);
        try
        {
            _listener.Bind(new UnixDomainSocketEndPoint(_path));
        }
        finally
        {
            RecorderPosix.SetMask(before);
        }

        _listener.Listen(64);
        _idleSince = time.GetTimestamp();
        _accepting = AcceptAsync();
    }

    /// <summary>Starts listening; null when another recorder of this data directory lives.</summary>
    /// <exception cref="IOException">The directory or the socket cannot be used.</exception>
    public static RecorderServer? Start(string data, RecorderOptions options, TimeProvider time)
    {
        Directory.CreateDirectory(Path.Combine(data, "run"));
        string directory = Path.Combine(data, "run", "recorder");
        Directory.CreateDirectory(directory, JournalFiles.OwnerOnly);
        FileStream held;
        try
        {
            held = JournalFiles.TakeLock(directory);
        }
        catch (JournalInUseException)
        {
            return null;
        }

        return new RecorderServer(data, options, time, held);
    }

    public static string SocketIn(string data) => Path.Combine(data, "run", "recorder.sock");

    /// <summary>Kernels that are heard.</summary>
    public int Count => _recordings.Count;

    /// <summary>Whether what a kernel publishes from now on comes here.</summary>
    internal bool Hears(string kernelId) => _recordings.TryGetValue(kernelId, out Recording? recording) && recording.IsConnected;

    /// <summary>Completes when nobody has needed it for <see cref="RecorderOptions.IdleExit"/>: no hub, and no kernel that is there.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        TimeSpan look = _options.IdleExit / 4;
        while (true)
        {
            await Task.Delay(look, _time, cancellationToken);
            // The data directory is gone: so is everybody who could ask.
            if (!File.Exists(_path))
                return;
            if (Volatile.Read(ref _connections) > 0 || _recordings.Values.Any(recording => recording.IsConnected))
                _idleSince = _time.GetTimestamp();
            else if (_time.GetElapsedTime(_idleSince) >= _options.IdleExit)
                return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        File.Delete(_path);
        await _accepting;
        await Task.WhenAll(_serving.Keys);
        foreach (Recording recording in _recordings.Values)
            await recording.DisposeAsync();
        foreach (string kernelId in _store.KernelIds)
            await _store.DeleteAsync(kernelId);
        await _store.DisposeAsync();
        await _lock.DisposeAsync();
        _changing.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_ending.Token);
                Task serving = ServeAsync(socket);
                _serving[serving] = true;
                _ = serving.ContinueWith(done => _serving.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The end, or a connection that was gone before it was taken.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            await using RecorderConnection connection = new(socket, RecorderFrameCodec.MaxCommand);
            await connection.GreetAsync(_ending.Token);
            while (await connection.ReadAsync(_ending.Token) is var (verb, body))
                await ObeyAsync(connection, verb, body);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The hub left, as it may at any time; or what came was not the protocol.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task ObeyAsync(RecorderConnection connection, RecorderVerb verb, ReadOnlyMemory<byte> body)
    {
        string[] texts = RecorderFrameCodec.ReadTexts(body.Span, verb == RecorderVerb.Forget ? 1 : 2) ?? throw new IOException("no such frame");
        switch (verb)
        {
            case RecorderVerb.Watch:
                await SayDoneAsync(connection, await WatchAsync(texts[0], texts[1]));
                break;
            case RecorderVerb.Forget:
                await ForgetAsync(texts[0]);
                await SayDoneAsync(connection, true);
                break;
            case RecorderVerb.Journaled when _recordings.TryGetValue(texts[0], out Recording? recording):
                await recording.TrimAsync(texts[1], _ending.Token);
                break;
            case RecorderVerb.Journaled:
                break;
            case RecorderVerb.Open:
                await FeedAsync(connection, texts[0], texts[1]);
                break;
            default:
                throw new IOException("no such frame");
        }
    }

    private static async Task SayDoneAsync(RecorderConnection connection, bool done)
    {
        RecorderFrameCodec.WriteNumber(connection.Out, RecorderVerb.Done, done ? 1u : 0, 1);
        await connection.FlushAsync(CancellationToken.None);
    }

    private async Task<bool> WatchAsync(string kernelId, string endpoint)
    {
        await _changing.WaitAsync(_ending.Token);
        try
        {
            if (_recordings.TryGetValue(kernelId, out Recording? known) && known.Endpoint == endpoint)
                return true;
            if (known is null && _recordings.Count >= _options.MaxKernels)
                return false;
            // A new process behind the same kernel: what the old one said stays.
            if (known is not null)
                await known.DisposeAsync();
            _recordings[kernelId] = new Recording(_store.Open(kernelId), endpoint, _options.BytesPerKernel, _time);
            return true;
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return false;
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task ForgetAsync(string kernelId)
    {
        await _changing.WaitAsync(_ending.Token);
        try
        {
            if (!_recordings.TryRemove(kernelId, out Recording? recording))
                return;
            await recording.DisposeAsync();
            await _store.DeleteAsync(kernelId);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task FeedAsync(RecorderConnection connection, string kernelId, string after)
    {
        if (!_recordings.TryGetValue(kernelId, out Recording? recording))
        {
            RecorderFrameCodec.WriteNumber(connection.Out, RecorderVerb.FeedStart, (byte)FeedBeginning.Unknown, 1);
            await connection.FlushAsync(_ending.Token);
            return;
        }

        (JournalReader reader, bool seamless) = await recording.ReadAsync(after, _ending.Token);
        using (reader)
        {
            RecorderFrameCodec.WriteNumber(connection.Out, RecorderVerb.FeedStart, (byte)(seamless ? FeedBeginning.Seamless : FeedBeginning.Gap), 1);
            bool live = false;
            // The hub says nothing more here; that it closes is all there is to hear.
            Task left = connection.ReadAsync(_ending.Token).AsTask();
            while (!left.IsCompleted)
            {
                Task arrived = recording.WhenArrived();
                long skipped = reader.Skipped;
                IReadOnlyList<JournalEntry> some = await reader.NextAsync(1_000, Batch, _ending.Token);
                if (reader.Skipped > skipped)
                    RecorderFrameCodec.WriteNumber(connection.Out, RecorderVerb.FeedDropped, (ulong)(reader.Skipped - skipped), 8);
                foreach (JournalEntry entry in some)
                {
                    if (entry.Kind == JournalKind.Said)
                        RecorderFrameCodec.WriteMessage(connection.Out, entry.Message.Buffers);
                    entry.Release();
                }

                if (some.Count == 0 && !live)
                {
                    live = true;
                    RecorderFrameCodec.WriteNumber(connection.Out, RecorderVerb.FeedLive, 0, 0);
                }

                await connection.FlushAsync(_ending.Token);
                if (some.Count == 0)
                    await Task.WhenAny(arrived, left);
            }

            await left.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
