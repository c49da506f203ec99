using System.Buffers;
using System.Text.Json;
using Hub.Journal.Recording;

namespace Hub.Kernels;

/// <summary>
/// Up to where the journal's files hold what one kernel said, told to the recorder so that it can let go of it. The kernel's loop's alone:
/// a number and a few bytes per message, a word to the recorder now and then.
/// </summary>
internal sealed class JournaledPlace(Recorder recorder, string kernelId)
{
    private readonly ArrayBufferWriter<byte> _lastId = new();
    private long _last;
    private (long Sequence, string MessageId) _asked;

    /// <summary>Something was heard that the recorder was not told of yet.</summary>
    public bool IsOpen => _asked.Sequence > 0;

    /// <summary>The kernel said this on iopub, and it is in the journal under this number.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="messageId">Its <c>msg_id</c> as it stands in the header's JSON; copied.</param>
    public void Heard(long sequence, ReadOnlySpan<byte> messageId)
    {
        _last = sequence;
        _lastId.ResetWrittenCount();
        _lastId.Write("\""u8);
        _lastId.Write(messageId);
        _lastId.Write("\""u8);
        if (!IsOpen)
            _asked = Last();
    }

    /// <summary>Everything up to this number is in the files.</summary>
    public void Look(long written)
    {
        if (!IsOpen || written < _asked.Sequence)
            return;
        if (written >= _last)
            _asked = Last();
        recorder.Journaled(kernelId, _asked.MessageId);
        _asked = _asked.Sequence == _last ? default : Last();
    }

    private (long Sequence, string MessageId) Last()
    {
        Utf8JsonReader reader = new(_lastId.WrittenSpan);
        try
        {
            return (_last, reader.Read() ? reader.GetString() ?? "" : "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair: the recorder knows the message by no name either.
            return (_last, "");
        }
    }
}
