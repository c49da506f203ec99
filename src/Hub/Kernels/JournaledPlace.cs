using Hub.Journal.Recording;

namespace Hub.Kernels;

/// <summary>
/// Up to where the journal's files hold what one kernel said, told to the recorder so that it can let go of it. The kernel's loop's alone:
/// two numbers per message, a word to the recorder now and then.
/// </summary>
internal sealed class JournaledPlace(Recorder recorder, string kernelId)
{
    private (long Sequence, string MessageId) _asked;
    private (long Sequence, string MessageId) _last;

    /// <summary>Something was heard that the recorder was not told of yet.</summary>
    public bool IsOpen => _asked.Sequence > 0;

    /// <summary>The kernel said this on iopub, and it is in the journal under this number.</summary>
    public void Heard(long sequence, string messageId)
    {
        _last = (sequence, messageId);
        if (!IsOpen)
            _asked = _last;
    }

    /// <summary>Everything up to this number is in the files.</summary>
    public void Look(long written)
    {
        if (!IsOpen || written < _asked.Sequence)
            return;
        if (written >= _last.Sequence)
            _asked = _last;
        recorder.Journaled(kernelId, _asked.MessageId);
        _asked = _asked.Sequence == _last.Sequence ? default : _last;
    }
}
