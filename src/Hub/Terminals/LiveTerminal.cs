using System.Text;
using System.Threading.Channels;
using Hub.Kernels;
using Microsoft.Extensions.Options;
using Spawner;
using Spawner.Terminals;

namespace Hub.Terminals;

/// <summary>
/// One terminal that runs: a connection to its holder, the end of its output, and the tabs that watch. Output goes holder → <see cref="Scrollback"/> → tabs, each of
/// which reads there at its own pace; what is typed goes through one short queue to the holder. Nothing here grows with a flood: the holder is read as fast as
/// <c>Terminals:OutputBytesPerSecond</c> and the quickest tab allow, and when it is not read it does not read the shell.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "It has no timer or wait handle, and is asked after the end.")]
internal sealed partial class LiveTerminal
{
    /// <summary>Frames that wait for the holder; when it takes none, because the program reads nothing it is typed, those who type wait.</summary>
    private const int TypedFrames = 64;

    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly List<TerminalTab> _tabs = [];
    private readonly Channel<byte[]> _typed = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(TypedFrames) { SingleReader = true });
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ISpawner _spawner;
    private readonly TerminalsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private OutputPace _pace;
    private TerminalSize? _size;
    private Task _running = Task.CompletedTask;
    private long _usedAt;
    private long _activeAt;
    private bool _isOver;
    private int _isEnding;
    private int _links;

    public LiveTerminal(string id, KernelOwner owner, string name, string specName, ISpawner spawner, IOptions<TerminalsOptions> options, TimeProvider time, ILogger<LiveTerminal> logger)
    {
        (Id, Owner, Name, SpecName) = (id, owner, name, specName);
        (_spawner, _options, _time, _logger) = (spawner, options.Value, time, logger);
        Scrollback = new Scrollback(_options.ScrollbackBytes);
        _pace = new OutputPace(_options.OutputBytesPerSecond);
        Touch();
    }

    /// <summary>Unique for ever; people know it by its name.</summary>
    public string Id { get; }

    public KernelOwner Owner { get; }

    /// <summary>Unique in its server.</summary>
    public string Name { get; }

    /// <summary>Its environment.</summary>
    public string SpecName { get; }

    /// <summary>The process as the spawner knows it; null while it is being started.</summary>
    public SpawnedKernel? Spawned { get; private set; }

    /// <summary>It was started; until then nobody sees it.</summary>
    public bool IsReady { get; set; }

    public Scrollback Scrollback { get; }

    /// <summary>When something was last typed or shown.</summary>
    public DateTimeOffset LastActivity => new(Volatile.Read(ref _activeAt), TimeSpan.Zero);

    /// <summary>It has ended or is being ended.</summary>
    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Cancelled when it is to end.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Connections to the holder there were; one, unless one broke.</summary>
    internal int Links => Volatile.Read(ref _links);

    public int TabCount
    {
        get
        {
            lock (_lock)
                return _tabs.Count;
        }
    }

    /// <summary>For how long nothing was typed or shown and no tab was there; zero while one is.</summary>
    public TimeSpan Unused => TabCount > 0 ? TimeSpan.Zero : _time.GetElapsedTime(Volatile.Read(ref _usedAt));

    /// <summary>Follows the holder until the end.</summary>
    /// <param name="spawned">What was started, now or by a former process of the hub.</param>
    /// <param name="ended">Told once why, unless <see cref="EndAsync"/> was first.</param>
    public void Follow(SpawnedKernel spawned, Func<LiveTerminal, TerminalEnd, Task> ended)
    {
        Spawned = spawned;
        _running = Task.Run(() => RunAsync(spawned, ended), CancellationToken.None);
    }

    /// <summary>Completes when the holder has answered.</summary>
    public Task AnsweredAsync => _answered.Task;

    /// <summary>A tab comes: it is told what is to be shown first, and reads from there on. False when as many as may are there, or it is over.</summary>
    public bool Join(TerminalTab tab, out byte[] replay)
    {
        lock (_lock)
        {
            replay = [];
            if (_tabs.Count >= _options.MaxTabsPerTerminal || _isOver)
                return false;
            (byte[] history, long end, bool isWhole) = Scrollback.Snapshot();
            // The beginning of a character whose end has not come stays for later.
            int whole = Utf8Cut.WholeLength(history);
            replay = ReplayText.Of(history.AsSpan(0, whole), isWhole);
            tab.MoveTo(end - (history.Length - whole), _time.GetTimestamp());
            tab.NeedsDrawing = !isWhole;
            _tabs.Add(tab);
            return true;
        }
    }

    public void Leave(TerminalTab tab)
    {
        byte[]? resize;
        lock (_lock)
        {
            if (!_tabs.Remove(tab))
                return;
            resize = Fit(drawAnew: false);
        }

        Volatile.Write(ref _usedAt, _time.GetTimestamp());
        // Who leaves does not wait; the next size that is said sets it right.
        if (resize is not null)
            _typed.Writer.TryWrite(resize);
    }

    /// <summary>Waits while the program takes nothing in.</summary>
    public async ValueTask TypeAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        Touch();
        for (; !text.IsEmpty; text = text[Math.Min(text.Length, TerminalProgram.MaxFrame)..])
            await SendAsync(HolderFrameCodec.Input(text.Span[..Math.Min(text.Length, TerminalProgram.MaxFrame)]), cancellationToken);
    }

    public async ValueTask ResizeAsync(TerminalTab tab, TerminalSize size, CancellationToken cancellationToken)
    {
        byte[]? resize;
        lock (_lock)
        {
            tab.Size = size;
            resize = Fit(tab.NeedsDrawing);
            tab.NeedsDrawing = false;
        }

        if (resize is not null)
            await SendAsync(resize, cancellationToken);
    }

    /// <summary>Ends all connections of tabs; the terminal runs on.</summary>
    public void CloseTabs(CloseReason reason)
    {
        foreach (TerminalTab tab in Tabs())
            tab.Close(reason);
    }

    /// <summary>Completes when it has been ended and nothing of it is left.</summary>
    public Task Gone => _gone.Task;

    /// <summary>True for the first who wants its end, and has to see to it.</summary>
    public bool BeginEnd() => Interlocked.Exchange(ref _isEnding, 1) == 0;

    public void IsGone() => _gone.TrySetResult();

    /// <summary>Lets go of the holder, which runs on, or is ended by the caller next. Tabs that are left are told that the terminal is gone.</summary>
    /// <param name="lastWords">Shown before; empty shows nothing.</param>
    public async Task EndAsync(string lastWords = "")
    {
        await _over.CancelAsync();
        await _running;
        if (lastWords.Length > 0 && !IsOver)
            Scrollback.Append(Encoding.UTF8.GetBytes($"\u001b[0m\r\n[{lastWords}]\r\n"));
        Finish();
    }

    /// <summary>Puts a frame into the queue to the holder.</summary>
    internal async ValueTask SendAsync(byte[] frame, CancellationToken cancellationToken)
    {
        try
        {
            await _typed.Writer.WriteAsync(frame, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // It has ended, which whoever types is told.
        }
    }

    /// <summary>The size every tab can show, as a frame; null when the holder has it already.</summary>
    private byte[]? Fit(bool drawAnew)
    {
        if (TerminalSize.SmallestOf(_tabs.Select(tab => tab.Size).OfType<TerminalSize>()) is not { } smallest || (smallest == _size && !drawAnew))
            return null;
        _size = smallest;
        return HolderFrameCodec.Resize(smallest, drawAnew);
    }

    private void Touch()
    {
        Volatile.Write(ref _activeAt, _time.GetUtcNow().UtcTicks);
        Volatile.Write(ref _usedAt, _time.GetTimestamp());
    }

    private TerminalTab[] Tabs()
    {
        lock (_lock)
            return [.. _tabs];
    }
}
