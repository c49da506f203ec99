using System.Collections.Frozen;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>
/// Which messages a tab may send on which channel. Kernels accept every request on control too, beside their queue
/// (kernel-wire §4): so both channels are looked at, and running code goes through shell alone.
/// </summary>
internal sealed class RequestPolicy(IEnumerable<string> alsoAllowed)
{
    private static readonly FrozenSet<string> ShellOnly = new[]
    {
        MessageTypes.ExecuteRequest, MessageTypes.InspectRequest, MessageTypes.CompleteRequest, MessageTypes.HistoryRequest,
        MessageTypes.IsCompleteRequest, MessageTypes.CommInfoRequest, MessageTypes.ConnectRequest,
        MessageTypes.CommOpen, MessageTypes.CommMessage, MessageTypes.CommClose,
    }.ToFrozenSet();

    // What the execution state of the API does not follow: the front end asks these by itself (jupyter-server-rest §6).
    private static readonly FrozenSet<string> Untracked = new[]
    {
        MessageTypes.KernelInfoRequest, MessageTypes.CommInfoRequest, MessageTypes.ConnectRequest, MessageTypes.ShutdownRequest, MessageTypes.InterruptRequest,
        MessageTypes.DebugRequest, MessageTypes.UsageRequest, MessageTypes.CreateSubshellRequest,
        MessageTypes.DeleteSubshellRequest, MessageTypes.ListSubshellRequest,
    }.ToFrozenSet();

    /// <summary>What somebody may ask who looks on: nothing of it changes the kernel. What an operator added may, for all the hub knows.</summary>
    private static readonly FrozenSet<string> LookingOn = new[]
    {
        MessageTypes.KernelInfoRequest, MessageTypes.CommInfoRequest, MessageTypes.IsCompleteRequest, MessageTypes.InspectRequest,
    }.ToFrozenSet();

    /// <summary>Said to who looks on.</summary>
    public const string LookOnly = "you look in as a viewer, who may read and not run. Step in as a helper to run something.";

    private readonly FrozenSet<string> _alsoAllowed = alsoAllowed.ToFrozenSet();

    /// <summary>Null when the tab may send it, else the reason for the person who reads the error.</summary>
    public string? WhyNot(KernelChannel channel, string messageType)
    {
        if (_alsoAllowed.Contains(messageType))
            return null;
        if (channel == KernelChannel.Control && ShellOnly.Contains(messageType))
            return $"{messageType} may be sent on the shell channel only";
        if ((MessageTypes.DirectionOf(channel, messageType) & MessageDirection.ToKernel) != 0)
            return null;
        return MessageTypes.IsKnown(messageType)
            ? $"{messageType} may not be sent on the {channel.WireName()} channel"
            : $"unknown message type on the {channel.WireName()} channel; the operator may add it to {KernelsOptions.Section}:{nameof(KernelsOptions.AllowedMessageTypes)}";
    }

    /// <summary>May somebody send it who only looks on? On shell alone: beside the queue nothing is needed.</summary>
    public static bool MayLookOn(KernelChannel channel, string messageType) => channel == KernelChannel.Shell && LookingOn.Contains(messageType);

    /// <summary>Does a request of this type make the kernel busy in the eyes of the API?</summary>
    public static bool IsTracked(string messageType) => !Untracked.Contains(messageType);

    /// <summary>The channel a request of this type usually takes.</summary>
    public static KernelChannel ChannelOf(string messageType) =>
        (MessageTypes.DirectionOf(KernelChannel.Shell, messageType) & MessageDirection.ToKernel) != 0 ? KernelChannel.Shell : KernelChannel.Control;

    public static bool ExpectsReply(string messageType) =>
        messageType is not (MessageTypes.CommOpen or MessageTypes.CommMessage or MessageTypes.CommClose);
}
