using System.Collections.Immutable;
using Hub.Kernels;

namespace Hub.Tests.Kernels;

/// <summary>A kernel's state with tabs around it, changed step by step; the kernel is Ada's.</summary>
internal sealed class Room
{
    public const string HubSession = "hub-1";
    public const string KernelSession = "life-1";

    private long _connection;

    public Room(KernelsOptions? options = null, bool hasSubshells = false, bool answered = true)
    {
        State = new KernelState("ada", options ?? new KernelsOptions());
        Do(new KernelEvent.Launched(KernelSession, HubSession));
        if (answered)
            Do(new KernelEvent.Answered(hasSubshells, []));
    }

    public KernelState State { get; private set; }

    public ImmutableArray<KernelEffect> Do(KernelEvent happened)
    {
        (State, ImmutableArray<KernelEffect> effects) = State.Apply(happened);
        return effects;
    }

    public Room Join(TabId tab)
    {
        Do(new KernelEvent.TabJoined(tab, ++_connection));
        return this;
    }

    public ImmutableArray<KernelEffect> Ask(TabId tab, string id) => Do(new KernelEvent.TabAsked(tab, Said.Asked(tab, id)));

    public ImmutableArray<KernelEffect> Answer(TabId tab, string prompt) => Do(new KernelEvent.TabAsked(tab, Said.InputReply(tab, prompt)));

    public ImmutableArray<KernelEffect> Hear(MessageFacts said) => Do(new KernelEvent.KernelSaid(said));
}
