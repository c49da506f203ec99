using System.Collections.Immutable;

namespace Hub.Kernels;

/// <summary>What can happen to a kernel and its audience; the only input of <see cref="KernelState"/>.</summary>
internal abstract record KernelEvent
{
    /// <summary>A tab connected.</summary>
    /// <param name="Connection">Number of the connection, rising: tells a returning tab's new connection from its old one.</param>
    /// <param name="Cursor">It has been given everything up to this number of the journal, and will be given everything after it.</param>
    /// <param name="IsSure">It says itself what it has; false: what was given to an earlier connection may have been lost on the way.</param>
    public sealed record TabJoined(TabId Tab, long Connection, long Cursor = 0, bool IsSure = false) : KernelEvent;

    /// <summary>A connection ended; the tab may come back.</summary>
    public sealed record TabLeft(TabId Tab, long Connection) : KernelEvent;

    /// <summary>A tab that left is not expected back.</summary>
    public sealed record TabForgotten(TabId Tab) : KernelEvent;

    /// <summary>A tab sent a message.</summary>
    /// <param name="Known">It asks about comms while the kernel is occupied, and this is the answer the kernel would give.</param>
    /// <param name="ReadsOnly">The tab is of somebody who looks on.</param>
    public sealed record TabAsked(TabId Tab, MessageFacts Asked, CommAnswer? Known = null, bool ReadsOnly = false) : KernelEvent;

    /// <summary>The hub itself asks the kernel something.</summary>
    /// <param name="IsProbe">Only to learn, by its idle, how far an adopted kernel is with what it was asked before.</param>
    public sealed record HubAsked(MessageFacts Asked, bool IsProbe = false) : KernelEvent;

    /// <summary>The kernel said something with a valid signature.</summary>
    public sealed record KernelSaid(MessageFacts Said) : KernelEvent;

    /// <summary>A new process is to take the place of the old one: requests under way end, new ones are held.</summary>
    public sealed record Restarting : KernelEvent;

    /// <summary>The process is launched and its sockets are being connected.</summary>
    /// <param name="Session">What <c>header.session</c> will be towards the tabs, unless the kernel has a constant one of its own.</param>
    /// <param name="HubSession">The session of the hub's own requests.</param>
    /// <param name="Adopted">It ran before this hub did: what it says may be meant for tabs that have not come back yet.</param>
    public sealed record Launched(string Session, string HubSession, bool Adopted = false) : KernelEvent;

    /// <summary>What the journal tells of the time before this hub: comes after <see cref="Launched"/> of an adopted process.</summary>
    /// <param name="Tabs">Who was connected or had asked something.</param>
    public sealed record Restored(ImmutableArray<PendingRequest> Pending, ImmutableList<PendingInput> Prompts, ImmutableArray<TabId> Tabs) : KernelEvent;

    /// <summary>What the kernel said while no hub was there cannot be brought, or not all of it.</summary>
    /// <param name="Why">In words for people.</param>
    public sealed record OutputMissing(string Why) : KernelEvent;

    /// <summary>What the kernel said while no hub was there has been passed on, as far as there is a record of it.</summary>
    public sealed record CaughtUp : KernelEvent;

    /// <summary>A prompt is in the journal under this number, for this tab.</summary>
    public sealed record PromptSent(string MessageId, TabId Tab, long Sequence) : KernelEvent;

    /// <summary>The process answered; held requests may go.</summary>
    /// <param name="HasSubshells">It announced the feature <c>kernel subshells</c>.</param>
    /// <param name="Subshells">Those that exist already, after a restart of the hub.</param>
    /// <param name="KernelSession">The session the kernel signs its own messages with; null when it did not answer.</param>
    /// <param name="BusyWith">The hub's own shell request that is still unanswered: the kernel is busy with something nobody here asked; null when shell answered.</param>
    public sealed record Answered(bool HasSubshells, IReadOnlyList<string> Subshells, string? KernelSession = null, string? BusyWith = null) : KernelEvent;

    /// <summary>It is no more and nobody asked it to go, or it could not be started.</summary>
    public sealed record Died : KernelEvent;

    /// <summary>The hub is about to stop it.</summary>
    /// <param name="EvenAtWork">False: a cell that began in this moment saves it.</param>
    public sealed record Retired(bool EvenAtWork) : KernelEvent;

    /// <summary>A request could not be handed to the kernel because it does not read and its queue is full.</summary>
    public sealed record KernelNotReading(MessageFacts Asked) : KernelEvent;

    /// <summary>A second or so went by; sent only while <see cref="KernelState.NeedsTick"/>.</summary>
    public sealed record Tick : KernelEvent;
}
