using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>What must be done about a <see cref="KernelEvent"/>; carried out in order by <see cref="LiveKernel"/>.</summary>
internal abstract record KernelEffect
{
    /// <summary>Sign and send on its channel.</summary>
    public sealed record SendToKernel(MessageFacts Asked) : KernelEffect;

    /// <summary>Every tab hears what the kernel just said, also those that come back. The same value for every message: output is most of what happens.</summary>
    public sealed record SendToAll : KernelEffect;

    /// <summary>One tab hears it, now or when it comes back.</summary>
    public sealed record SendToTab(TabId Tab, MessageFacts Said) : KernelEffect;

    /// <summary>This tab was there before the hub was restarted: when it returns it goes on where this hub began.</summary>
    public sealed record ExpectTab(TabId Tab) : KernelEffect;

    /// <summary>The hub itself asked for it.</summary>
    public sealed record HandToHub(MessageFacts Said) : KernelEffect;

    /// <summary>Another connection of the same tab took its place: close this one.</summary>
    public sealed record CloseReplaced(TabId Tab, long Connection) : KernelEffect;

    /// <summary>Answer the request in the kernel's stead with an error that names the cause, and an idle, so that nobody waits for ever.</summary>
    public sealed record Refuse(TabId Tab, KernelChannel Channel, string MessageType, ReadOnlyMemory<byte> ParentHeader, string Name, string Reason) : KernelEffect;

    /// <summary>Answer the question about comms with what the hub knows: the kernel is at work and hears it only afterwards.</summary>
    public sealed record AnswerComm(TabId Tab, ReadOnlyMemory<byte> ParentHeader, CommAnswer Answer) : KernelEffect;

    /// <summary>Answer the request as aborted, with an idle: the process it went to is no more.</summary>
    public sealed record Abort(TabId Tab, KernelChannel Channel, string MessageType, ReadOnlyMemory<byte> ParentHeader) : KernelEffect;

    /// <summary>Answer the request from before a restart of the hub with what is known of its end: the kernel's reply went to nobody.</summary>
    public sealed record Complete(TabId Tab, PendingRequest Request) : KernelEffect;

    /// <summary>Say <c>idle</c> for a request whose kernel does not.</summary>
    public sealed record SayIdle(TabId Tab, ReadOnlyMemory<byte> ParentHeader) : KernelEffect;

    /// <summary>Say an execution state of the kernel as a whole to everybody: <c>starting</c> or <c>dead</c>.</summary>
    public sealed record SayState(string State) : KernelEffect;

    /// <summary>Tell this newcomer the state the kernel is in: what said so went by before it came.</summary>
    public sealed record SayStateTo(TabId Tab, string State) : KernelEffect;

    /// <summary>Answer a prompt nobody may or can answer with an empty line.</summary>
    public sealed record AnswerPrompt(ReadOnlyMemory<byte> PromptHeader) : KernelEffect;

    /// <summary>Stop what runs: it prompts again and again although it must not.</summary>
    public sealed record Interrupt : KernelEffect;

    /// <summary>Ask shell a question whose idle tells how far the kernel is: <see cref="KernelEvent.HubAsked.IsProbe"/>.</summary>
    public sealed record Probe : KernelEffect;

    /// <summary>Tell the tab, on stderr of its request, that something it sent was left out.</summary>
    public sealed record Tell(TabId Tab, ReadOnlyMemory<byte> ParentHeader, string Text) : KernelEffect;

    /// <summary>The kernel broke a rule; counted, and said once in the log and in the kernel's state.</summary>
    public sealed record BlameKernel(string Offence) : KernelEffect;
}
