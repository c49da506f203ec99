using System.Text.Json;
using Wire.Jupyter;

namespace Hub.Journal;

/// <summary>The remarks a journal makes about itself: messages of type <c>hub_note</c>, which are sent to nobody.</summary>
internal static class JournalNotes
{
    public const string MessageType = "hub_note";

    /// <summary>Entries that are no longer kept, other than by their age.</summary>
    /// <param name="time">Clock of the header.</param>
    /// <param name="from">First sequence.</param>
    /// <param name="to">Last sequence.</param>
    /// <param name="why">Name of the limit, or what happened.</param>
    /// <param name="running">They belonged to an execution that still runs.</param>
    public static KernelMessage Dropped(TimeProvider time, long from, long to, string why, bool running) =>
        Make(time, new { note = "dropped", from, to, why, running });

    /// <summary>In the place of an entry whose buffer is gone from the disk.</summary>
    public static KernelMessage BufferGone(TimeProvider time, string messageId, string hash) =>
        Make(time, new { note = "buffer_gone", msg_id = messageId, sha256 = hash });

    private static KernelMessage Make(TimeProvider time, object content) =>
        KernelMessage.Create(KernelChannel.IOPub, MessageType, JsonSerializer.SerializeToUtf8Bytes(content), "", time);
}
