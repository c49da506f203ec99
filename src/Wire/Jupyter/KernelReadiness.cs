using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Wire.Jupyter;

/// <summary>
/// Notices when a kernel answers and its output reaches us. Our own questions (nudges) carry a secret prefix in their <c>msg_id</c>; what
/// answers them is noticed here and goes no further, as does <c>iopub_welcome</c>, which only the first subscriber of a kernel ever sees.
/// </summary>
internal sealed class KernelReadiness
{
    private readonly string _prefix = $"nudge-{Guid.NewGuid():N}-";
    private readonly byte[] _prefixUtf8;
    private ImmutableArray<Probe> _probes = [];
    private long _asked;

    public KernelReadiness() => _prefixUtf8 = Encoding.UTF8.GetBytes(_prefix);

    /// <summary>A fresh <c>msg_id</c>: kernels drop what they have seen before.</summary>
    public string NextMessageId() => $"{_prefix}{Interlocked.Increment(ref _asked)}";

    /// <summary>Begins to watch; end it with <see cref="Close"/>.</summary>
    public Probe Open()
    {
        // Late answers to questions of an earlier wait are of the process before a restart.
        var probe = new Probe { FirstQuestion = Interlocked.Read(ref _asked) + 1 };
        ImmutableInterlocked.Update(ref _probes, static (all, one) => all.Add(one), probe);
        return probe;
    }

    public void Close(Probe probe) => ImmutableInterlocked.Update(ref _probes, static (all, one) => all.Remove(one), probe);

    /// <summary>Looks at a message; true when it is not meant for anybody but us.</summary>
    public bool Absorb(KernelMessage message)
    {
        var ours = message.ParentFields.MessageIdStartsWith(_prefixUtf8);
        foreach (var probe in _probes)
        {
            if (message.Channel == KernelChannel.IOPub)
                probe.SawOutput();
            else if (ours && message.MessageType == MessageTypes.KernelInfoReply && Question(message) >= probe.FirstQuestion)
                probe.SawReply(message);
        }

        return ours || (message.Channel == KernelChannel.IOPub && message.MessageType == MessageTypes.IOPubWelcome);
    }

    private long Question(KernelMessage answer) =>
        long.TryParse(answer.ParentMessageId.AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>One wait for a kernel: complete when a reply and any output were seen, in whatever order.</summary>
    internal sealed class Probe
    {
        private readonly TaskCompletionSource<KernelMessage> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private KernelMessage? _reply;
        private bool _output;

        /// <summary>Answers to questions before this one do not count.</summary>
        public required long FirstQuestion { get; init; }

        public Task<KernelMessage> Ready => _ready.Task;

        /// <summary>What is missing, for the error of a wait that ended.</summary>
        public string Missing
        {
            get
            {
                lock (_ready)
                {
                    return (_reply, _output) switch
                    {
                        (null, false) => "it neither answered kernel_info_request nor published anything on iopub",
                        (null, true) => "it publishes on iopub but did not answer kernel_info_request on shell or control",
                        _ => "it answered kernel_info_request but nothing arrived on iopub",
                    };
                }
            }
        }

        public void SawReply(KernelMessage message) => Note(() => _reply ??= message);

        public void SawOutput() => Note(() => _output = true);

        private void Note(Action note)
        {
            lock (_ready)
            {
                note();
                if (_reply is not null && _output)
                    _ready.TrySetResult(_reply);
            }
        }
    }
}
