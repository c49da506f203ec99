using Hub.Journal.Recording;
using Wire.Jupyter;
using ConnectionInfo = Wire.Jupyter.ConnectionInfo;

namespace Hub.Kernels;

/// <summary>
/// Brings an adopted kernel's output in order: first what the recorder heard while no hub did, then, from where the two meet, what the hub's own
/// subscription hears (<see cref="SpliceState{T}"/>). What cannot be brought is told once, never hidden.
/// </summary>
/// <remarks>
/// The recorder's feed and the hub's subscription come from two tasks; a turn of one at a time keeps what they pass on in order. After the two
/// have met, messages go by without a turn.
/// </remarks>
internal sealed class KernelCatchUp : IAsyncDisposable
{
    private const string Dropped = $"message(s) were more than the recorder keeps ({RecorderOptions.Section}:{nameof(RecorderOptions.SpillBytes)})";

    private readonly RecorderFeed _feed;
    private readonly MessageSigner _signer;
    private readonly Func<KernelMessage, ValueTask> _pass;
    private readonly Func<string, ValueTask> _missing;
    private readonly Func<ValueTask> _done;
    private readonly SpliceState<KernelMessage> _splice = new(message => message.MessageId);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLive;
    private Task _feeding = Task.CompletedTask;
    private bool _isStarted;
    private bool _told;
    private long _droppedSince;

    /// <param name="feed">What the recorder has after the last message of the journal; owned from now on.</param>
    /// <param name="connection">The key with which the kernel signs: the recorder verifies nothing.</param>
    /// <param name="pass">Takes each message, once and in order.</param>
    /// <param name="missing">Told, in words for people, that output may be missing: once, and once more at the end if the recorder dropped more since.</param>
    /// <param name="done">Told when all that the recorder had kept was passed on, or no more of it comes; once.</param>
    public KernelCatchUp(RecorderFeed feed, ConnectionInfo connection, Func<KernelMessage, ValueTask> pass, Func<string, ValueTask> missing, Func<ValueTask> done)
    {
        (_feed, _pass, _missing, _done) = (feed, pass, missing, done);
        _signer = new MessageSigner(connection.Key, connection.SignatureScheme);
    }

    /// <summary>Completes when all that the recorder had kept was passed on: what comes now is heard this moment.</summary>
    public Task CaughtUp => _caughtUp.Task;

    /// <summary>Begins to pass on what the recorder has.</summary>
    public void Start()
    {
        _isStarted = true;
        _feeding = Task.Run(FeedAsync);
    }

    /// <summary>The hub's own subscription heard a message of iopub.</summary>
    public async ValueTask HearAsync(KernelMessage message)
    {
        if (_isLive)
        {
            await _pass(message);
            return;
        }

        await _turn.WaitAsync();
        try
        {
            await PassAsync(_splice.Heard(message));
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _feeding;
        if (!_isStarted)
            await _feed.DisposeAsync();
        _signer.Dispose();
    }

    private async Task FeedAsync()
    {
        try
        {
            if (_feed.Beginning == FeedBeginning.Unknown)
                await TellAsync("no recorder heard the kernel while the hub was away");
            else if (_feed.Beginning == FeedBeginning.Gap)
                await TellAsync("the recorder no longer had the beginning of what the kernel said while the hub was away");

            while (!_isLive && await _feed.NextAsync(_over.Token) is { } part)
            {
                if (part.IsLive)
                    await EndAsync();
                else if (part.Dropped > 0 && _told)
                    _droppedSince += part.Dropped;
                else if (part.Dropped > 0)
                    await TellAsync($"{part.Dropped} {Dropped}");
                else if (ZmqMessageCodec.TryDecode(part.Frames!, KernelChannel.IOPub, _signer, MessageLimits.Default, out KernelMessage? message, out _))
                    await TurnAsync(() => _splice.Fed(message));
            }

            await TurnAsync(() => _splice.FeedEnded(complete: _feed.Beginning == FeedBeginning.Unknown));
            if (_splice.HasGap)
                await TellAsync("the recorder ended before the hub had heard all");
        }
        catch (OperationCanceledException)
        {
            // The kernel is let go.
        }
        finally
        {
            await EndAsync();
            await _feed.DisposeAsync();
        }
    }

    private async ValueTask EndAsync()
    {
        if (_caughtUp.Task.IsCompleted)
            return;
        if (_droppedSince > 0)
            await _missing($"{_droppedSince} more {Dropped}");
        await _done();
        _caughtUp.TrySetResult();
    }

    private async ValueTask TurnAsync(Func<IReadOnlyList<KernelMessage>> what)
    {
        await _turn.WaitAsync(_over.Token);
        try
        {
            await PassAsync(what());
        }
        finally
        {
            _turn.Release();
        }
    }

    // Live only after the last of those that waited is passed on, so that none overtakes them.
    private async ValueTask PassAsync(IReadOnlyList<KernelMessage> messages)
    {
        foreach (KernelMessage message in messages)
            await _pass(message);
        if (_splice.IsLive)
            _isLive = true;
    }

    private async ValueTask TellAsync(string why)
    {
        if (_told)
            return;
        _told = true;
        await _missing(why);
    }
}
