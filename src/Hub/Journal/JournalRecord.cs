using Wire.Jupyter;
using Wire.Zmtp;

namespace Hub.Journal;

/// <summary>An entry as it was read from a segment: complete but for the buffers that are kept as blobs.</summary>
internal sealed class JournalRecord
{
    public required long Sequence { get; init; }

    public required long UtcTicks { get; init; }

    public required JournalKind Kind { get; init; }

    public required string? Recipient { get; init; }

    public required JournalAsker? Asker { get; init; }

    /// <summary>Its buffers are <see cref="Buffers"/>.</summary>
    public required KernelMessage Message { get; init; }

    /// <summary>To be filled in where a blob belongs.</summary>
    public required ReadOnlyMemory<byte>[] Buffers { get; init; }

    public required IReadOnlyList<Blob> Blobs { get; init; }

    /// <param name="lease">The buffer in which blobs were put, if so: whoever gets the entry holds it.</param>
    public JournalEntry ToEntry(ZmtpSegment? lease = null) => lease is null
        ? new(Sequence, UtcTicks, Kind, Message, Recipient, Asker)
        : new(Sequence, UtcTicks, Kind, Message.With(lease), Recipient, Asker, isCounted: true);

    /// <summary>A buffer that is kept in a file of its own.</summary>
    /// <param name="Buffer">Which buffer of the message.</param>
    /// <param name="Length">Its bytes.</param>
    /// <param name="Name">Its name (<see cref="BlobNames"/>), in lowercase hex.</param>
    internal readonly record struct Blob(int Buffer, int Length, string Name);
}
