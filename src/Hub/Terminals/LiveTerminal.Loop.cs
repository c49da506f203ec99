using Spawner;
using Spawner.Terminals;

namespace Hub.Terminals;

/// <summary>The loop of a terminal: connect to its holder, take what it says, and when the connection breaks look whether it still lives.</summary>
internal sealed partial class LiveTerminal
{
    /// <summary>A quickest tab that is behind by this part of what is kept makes the holder wait, so that it misses nothing.</summary>
    private const int PartAhead = 2;

    private async Task RunAsync(SpawnedKernel spawned, Func<LiveTerminal, TerminalEnd, Task> ended)
    {
        TerminalEnd end;
        try
        {
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            Task<KernelExit> gone = _spawner.WaitAsync(spawned, both.Token);
            while (!await ServeAsync(spawned, gone, both.Token) && !gone.IsCompleted)
                await Task.WhenAny(gone, Task.Delay(s_again, _time, both.Token));
            _over.Token.ThrowIfCancellationRequested();
            end = gone.IsCompletedSuccessfully ? EndOf(await gone) : TerminalEnd.Exited;
            await both.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // Let go of, or ended, by whoever called.
            return;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            LogBroken(_logger, broken, Id, Owner.UserName);
            end = TerminalEnd.Lost;
        }

        Finish();
        // Its end waits for this loop, so it must not be part of it.
        _ = Task.Run(() => ended(this, end), CancellationToken.None);
    }

    /// <summary>One connection; true when the holder said that the shell has ended.</summary>
    private async Task<bool> ServeAsync(SpawnedKernel spawned, Task<KernelExit> gone, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Whatever a holder that is gone has said can still be read; whatever would be new cannot come.
        Task sending = Task.CompletedTask;
        try
        {
            HolderLink link;
            using (CancellationTokenSource patience = new(_options.AnswerTimeout, _time))
            using (CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, patience.Token))
            {
                (link, HolderFrame.Hello hello) = await HolderLink.OpenAsync(TerminalProgram.SocketOf(spawned), _answered.Task.IsCompleted ? Scrollback.End : -1, either.Token);
                if (hello.First != Scrollback.End)
                    Scrollback.Jump(hello.First);
            }

            using (link)
            {
                _answered.TrySetResult();
                Interlocked.Increment(ref _links);
                sending = SendTypedAsync(link, over.Token);
                return await ReadAsync(link, gone, over.Token);
            }
        }
        catch (IOException broken)
        {
            LogCut(_logger, Id, Owner.UserName, broken.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogCut(_logger, Id, Owner.UserName, "it does not answer");
        }
        finally
        {
            await over.CancelAsync();
            await sending;
        }

        return false;
    }

    private async Task<bool> ReadAsync(HolderLink link, Task<KernelExit> gone, CancellationToken cancellationToken)
    {
        while (await link.ReadAsync(cancellationToken) is { } frame)
        {
            switch (frame)
            {
                case HolderFrame.Output output:
                    if (output.Number < Scrollback.End)
                        throw new IOException("the terminal counts backwards");
                    if (output.Number > Scrollback.End)
                        Scrollback.Jump(output.Number);
                    long before = Scrollback.End;
                    Scrollback.Append(output.Text.Span);
                    Touch();
                    Wake(before);
                    await WaitForTabsAsync(output.Text.Length, gone, cancellationToken);
                    break;
                case HolderFrame.Exit:
                    return true;
                default:
                    throw new IOException("the terminal said hello twice");
            }
        }

        return false;
    }

    /// <summary>After output: as long as its amount asks for, and then until the quickest tab has room. One that takes in nothing at all is not waited for.</summary>
    private async ValueTask WaitForTabsAsync(int bytes, Task<KernelExit> gone, CancellationToken cancellationToken)
    {
        TimeSpan wait = _pace.Take(bytes, _time.GetElapsedTime(0));
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, _time, cancellationToken);
        while (Behind() > _options.ScrollbackBytes / PartAhead && !gone.IsCompleted)
            await Task.Delay(s_look, _time, cancellationToken);
    }

    /// <summary>Bytes the quickest tab has still to be sent.</summary>
    private long Behind()
    {
        long end = Scrollback.End, least = long.MaxValue;
        lock (_lock)
        {
            foreach (TerminalTab tab in _tabs)
            {
                if (_time.GetElapsedTime(tab.MovedAt) < _options.SlowTabAfter)
                    least = Math.Min(least, end - tab.Next);
            }
        }

        return least == long.MaxValue ? 0 : least;
    }

    private async Task SendTypedAsync(HolderLink link, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (byte[] frame in _typed.Reader.ReadAllAsync(cancellationToken))
                await link.WriteAsync(frame, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The reader learns of it, too, and connects again.
        }
    }

    /// <param name="before">Who had everything up to here was not slow, however long ago it was sent something.</param>
    private void Wake(long before)
    {
        foreach (TerminalTab tab in Tabs())
        {
            if (tab.Next >= before)
                tab.Moves(_time.GetTimestamp());
            tab.More.Wake(lendThread: false);
        }
    }

    /// <summary>Nothing more comes: tabs show what is left, and end.</summary>
    private void Finish()
    {
        lock (_lock)
            Volatile.Write(ref _isOver, true);
        _typed.Writer.TryComplete();
        _answered.TrySetCanceled();
        Wake(long.MaxValue);
    }

    private static TerminalEnd EndOf(KernelExit exit) => exit.Cause switch
    {
        KernelExitCause.OutOfMemory => TerminalEnd.OutOfMemory,
        KernelExitCause.Exited or KernelExitCause.Signalled => TerminalEnd.Exited,
        _ => TerminalEnd.Lost,
    };

    [LoggerMessage(1500, LogLevel.Debug, "The connection to terminal {TerminalId} of {UserName} broke: {Why}; it is tried again while the terminal lives")]
    private static partial void LogCut(ILogger logger, string terminalId, string userName, string why);

    [LoggerMessage(1501, LogLevel.Error, "Terminal {TerminalId} of {UserName} failed in the hub and is given up")]
    private static partial void LogBroken(ILogger logger, Exception e, string terminalId, string userName);
}
