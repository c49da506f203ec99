using Wire.Jupyter;

namespace Hub.Journal;

/// <summary>One message of a kernel with its place in the journal; also the unit that tabs share. Immutable.</summary>
public sealed class JournalEntry
{
    private readonly long _ticks;

    internal JournalEntry(long sequence, long utcTicks, JournalKind kind, KernelMessage message, string? recipient, JournalAsker? asker, bool isCounted = false)
    {
        IsCounted = isCounted;
        (Sequence, _ticks, Kind, Message, Recipient, Asker) = (sequence, utcTicks, kind, message, recipient, asker);
        Size = message.Size;
    }

    /// <summary>1 for the first entry of a kernel's journal, one more for each that follows, over restarts of the kernel's process and of the hub.</summary>
    public long Sequence { get; }

    /// <summary>When it was appended; never earlier than the entry before.</summary>
    public DateTimeOffset Time => new(_ticks, TimeSpan.Zero);

    public JournalKind Kind { get; }

    /// <summary>Client id of the one tab it is for; null when it is for everybody. Of an <see cref="JournalKind.Asked"/> entry the asking tab is <see cref="Asker"/>.</summary>
    public string? Recipient { get; }

    /// <summary>Only of <see cref="JournalKind.Asked"/>.</summary>
    public JournalAsker? Asker { get; }

    /// <summary>The parts as the bytes they were.</summary>
    public KernelMessage Message { get; }

    /// <summary>Bytes of all parts.</summary>
    public long Size { get; }

    internal long UtcTicks => _ticks;

    /// <summary>Whoever keeps the entry holds its message, since the bytes are used for another one when the last holder has released it.</summary>
    internal bool IsCounted { get; }

    internal void Hold()
    {
        if (IsCounted)
            Message.Hold();
    }

    internal void Release()
    {
        if (IsCounted)
            Message.Release();
    }
}
