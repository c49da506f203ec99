using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Journal.Recording;

/// <summary>
/// The hub's side of the recorder: starts it when the first kernel is to be heard, tells it what to hear and what the journal has, and finds it again
/// when it has gone. Everything here is help in need: when it fails, kernels and tabs notice nothing, and the log says what is missing.
/// </summary>
public sealed partial class Recorder : IAsyncDisposable
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    private readonly RecorderOptions _options;
    private readonly string _data;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<string, RecorderOptions> _launch;
    private readonly ConcurrentDictionary<string, string> _watched = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _journaled = new(StringComparer.Ordinal);

    // Who asks while it is full waits: it holds what kernels begin and end, not what they say.
    private readonly Channel<Command> _commands = Channel.CreateBounded<Command>(1_000);
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _starting = new();
    private readonly ITimer _tell;
    private Task? _loop;
    private int _tellSoon;

    public Recorder(IOptions<RecorderOptions> options, DataLayout layout, TimeProvider time, ILogger<Recorder> logger)
        : this(options, layout, time, logger, RecorderProcess.Launch)
    {
    }

    internal Recorder(IOptions<RecorderOptions> options, DataLayout layout, TimeProvider time, ILogger<Recorder> logger, Action<string, RecorderOptions> launch)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(layout);
        (_options, _data, _time, _logger, _launch) = (options.Value, layout.Root, time, logger, launch);
        _tell = time.CreateTimer(_ => TellJournaled(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Hears this kernel from now on, also after the hub's end. Again with another endpoint when a new process has taken the kernel's place.</summary>
    /// <param name="kernelId">Whose iopub it is.</param>
    /// <param name="iopubUrl">As <c>ConnectionInfo.Url(KernelChannel.IOPub)</c> has it.</param>
    /// <param name="cancellationToken">Ends the wait, not the hearing.</param>
    /// <returns>False when there is no recorder, or it does not take the kernel; a later try goes on in the background.</returns>
    public Task<bool> WatchAsync(string kernelId, string iopubUrl, CancellationToken cancellationToken)
    {
        _watched[kernelId] = iopubUrl;
        return AskAsync(RecorderVerb.Watch, kernelId, iopubUrl, cancellationToken);
    }

    /// <summary>The kernel is no more: what the recorder has of it goes.</summary>
    public async Task ForgetAsync(string kernelId, CancellationToken cancellationToken)
    {
        _journaled.TryRemove(kernelId, out _);
        if (_watched.TryRemove(kernelId, out _))
            await AskAsync(RecorderVerb.Forget, kernelId, null, cancellationToken);
    }

    /// <summary>
    /// Up to this iopub message everything is in the journal's files (<see cref="KernelJournal.WrittenSequence"/>), so that the recorder can let go of it.
    /// Cheap: only the last of a kernel is told, every <see cref="RecorderOptions.TellEvery"/>.
    /// </summary>
    public void Journaled(string kernelId, string messageId)
    {
        if (!_options.Enabled || messageId.Length > RecorderFrameCodec.MaxText)
            return;
        _journaled[kernelId] = messageId;
        if (Interlocked.Exchange(ref _tellSoon, 1) == 0)
            _tell.Change(_options.TellEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the kernel said after this message; to be asked before the kernel is watched again, so that a recorder that was away is noticed.</summary>
    /// <param name="kernelId">Which kernel.</param>
    /// <param name="afterMessageId"><c>msg_id</c> of the last iopub message in the journal; empty for all there is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Never null; <see cref="FeedBeginning.Unknown"/> when there is no recorder that hears this kernel.</returns>
    public async Task<RecorderFeed> OpenAsync(string kernelId, string afterMessageId, CancellationToken cancellationToken)
    {
        if (!_options.Enabled || afterMessageId.Length > RecorderFrameCodec.MaxText)
            return Feed(FeedBeginning.Unknown, null);
        RecorderConnection? connection = null;
        try
        {
            using CancellationTokenSource patience = new(_options.Patience, _time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            connection = await ConnectAsync(either.Token);
            await connection.GreetAsync(either.Token);
            RecorderFrameCodec.WriteTexts(connection.Out, RecorderVerb.Open, kernelId, afterMessageId);
            await connection.FlushAsync(either.Token);
            if (await connection.ReadAsync(either.Token) is (RecorderVerb.FeedStart, var body)
                && RecorderFrameCodec.ReadNumber(body.Span, 1) is (ulong)FeedBeginning.Seamless or (ulong)FeedBeginning.Gap)
                return Feed((FeedBeginning)body.Span[0], connection);
        }
        catch (Exception away) when (away is IOException or SocketException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // There is none, then.
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            throw;
        }

        if (connection is not null)
            await connection.DisposeAsync();
        return Feed(FeedBeginning.Unknown, null);

        RecorderFeed Feed(FeedBeginning beginning, RecorderConnection? to) => new(beginning, to, _options.Patience, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _commands.Writer.TryComplete();
        await _tell.DisposeAsync();
        if (_loop is { } loop)
            await loop;
        _ending.Dispose();
    }

    private async Task<bool> AskAsync(RecorderVerb verb, string kernelId, string? text, CancellationToken cancellationToken)
    {
        if (!_options.Enabled)
            return false;
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Begin();
        try
        {
            await _commands.Writer.WriteAsync(new Command(verb, kernelId, text, done), cancellationToken);
            return await done.Task.WaitAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    private void Begin()
    {
        lock (_starting)
            _loop ??= Task.Run(RunAsync);
    }

    private void TellJournaled()
    {
        Volatile.Write(ref _tellSoon, 0);
        foreach ((string kernelId, string messageId) in _journaled)
        {
            if (!_commands.Writer.TryWrite(new Command(RecorderVerb.Journaled, kernelId, messageId, null)))
                return; // The next time tells more at once.
            _journaled.TryRemove(new(kernelId, messageId));
        }
    }

    private async Task RunAsync()
    {
        bool lost = false;
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await using RecorderConnection connection = await ConnectOrLaunchAsync();
                await connection.GreetAsync(_ending.Token);
                if (lost)
                    LogFound(_logger);
                lost = false;
                foreach ((string kernelId, string url) in _watched)
                    await CarryOutAsync(connection, new Command(RecorderVerb.Watch, kernelId, url, null));
                await ServeAsync(connection);
            }
            catch (OperationCanceledException) when (_ending.IsCancellationRequested)
            {
                break;
            }
            catch (Exception away)
            {
                if (!lost)
                    LogLost(_logger, away);
                lost = true;
            }

            // Nobody shall wait for one that is not there.
            while (_commands.Reader.TryRead(out Command? left))
                left.Done?.TrySetResult(false);
            await Task.Delay(s_again, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        while (_commands.Reader.TryRead(out Command? left))
            left.Done?.TrySetResult(false);
    }

    /// <summary>Does what it is asked until the recorder is gone.</summary>
    private async Task ServeAsync(RecorderConnection connection)
    {
        Task<bool> asked = _commands.Reader.WaitToReadAsync(_ending.Token).AsTask();
        // Between answers the recorder says nothing: what comes then is its end.
        Task<(RecorderVerb, ReadOnlyMemory<byte>)?> ended = connection.ReadAsync(_ending.Token).AsTask();
        while (await Task.WhenAny(asked, ended) == asked && await asked)
        {
            while (_commands.Reader.TryRead(out Command? command))
            {
                if (command.Done is not null)
                {
                    command.Write(connection.Out);
                    await connection.FlushAsync(_ending.Token);
                    command.Done.TrySetResult(IsYes(await ended));
                    ended = connection.ReadAsync(_ending.Token).AsTask();
                }
                else
                {
                    command.Write(connection.Out);
                }
            }

            await connection.FlushAsync(_ending.Token);
            asked = _commands.Reader.WaitToReadAsync(_ending.Token).AsTask();
        }

        _ = await ended;
        throw new IOException("the recorder left");
    }

    private async Task CarryOutAsync(RecorderConnection connection, Command command)
    {
        command.Write(connection.Out);
        await connection.FlushAsync(_ending.Token);
        if (!IsYes(await connection.ReadAsync(_ending.Token)))
            LogRefused(_logger, command.KernelId);
    }

    private static bool IsYes((RecorderVerb Verb, ReadOnlyMemory<byte> Body)? answer) => answer switch
    {
        null => throw new IOException("the recorder left"),
        (RecorderVerb.Done, var body) => RecorderFrameCodec.ReadNumber(body.Span, 1) == 1,
        _ => throw new IOException("the recorder answered something else"),
    };

    private async Task<RecorderConnection> ConnectOrLaunchAsync()
    {
        try
        {
            return await ConnectAsync(_ending.Token);
        }
        catch (SocketException)
        {
            LogLaunch(_logger);
            _launch(_data, _options);
        }

        long since = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await ConnectAsync(_ending.Token);
            }
            catch (SocketException) when (_time.GetElapsedTime(since) < _options.Patience)
            {
                await Task.Delay(s_look, _time, _ending.Token);
            }
        }
    }

    private async Task<RecorderConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(RecorderServer.SocketIn(_data)), cancellationToken);
            return new RecorderConnection(socket, int.MaxValue - 1024);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LoggerMessage(1150, LogLevel.Information, "A recorder is started, which hears kernels while no hub does")]
    private static partial void LogLaunch(ILogger logger);

    [LoggerMessage(1151, LogLevel.Warning, "The recorder is away: what kernels say while the hub is started again would be missing. It is looked for again")]
    private static partial void LogLost(ILogger logger, Exception away);

    [LoggerMessage(1152, LogLevel.Information, "The recorder is there again")]
    private static partial void LogFound(ILogger logger);

    [LoggerMessage(1153, LogLevel.Warning, "The recorder does not take kernel {KernelId}: too many, or an endpoint it does not understand")]
    private static partial void LogRefused(ILogger logger, string kernelId);

    /// <summary>Something to say to the recorder.</summary>
    private sealed record Command(RecorderVerb Verb, string KernelId, string? Text, TaskCompletionSource<bool>? Done)
    {
        public void Write(System.Buffers.IBufferWriter<byte> to) => RecorderFrameCodec.WriteTexts(to, Verb, KernelId, Text);
    }
}
