using System.Collections.Frozen;
using System.Text;

namespace Wire.Jupyter;

/// <summary>Every <c>msg_type</c> of the messaging spec (5.5), with the channels it travels on and who sends it.</summary>
public static class MessageTypes
{
    public const string ExecuteRequest = "execute_request";
    public const string ExecuteReply = "execute_reply";
    public const string InspectRequest = "inspect_request";
    public const string InspectReply = "inspect_reply";
    public const string CompleteRequest = "complete_request";
    public const string CompleteReply = "complete_reply";
    public const string HistoryRequest = "history_request";
    public const string HistoryReply = "history_reply";
    public const string IsCompleteRequest = "is_complete_request";
    public const string IsCompleteReply = "is_complete_reply";
    public const string KernelInfoRequest = "kernel_info_request";
    public const string KernelInfoReply = "kernel_info_reply";
    public const string CommInfoRequest = "comm_info_request";
    public const string CommInfoReply = "comm_info_reply";
    public const string ConnectRequest = "connect_request";
    public const string ConnectReply = "connect_reply";
    public const string CommOpen = "comm_open";
    public const string CommMessage = "comm_msg";
    public const string CommClose = "comm_close";

    public const string ShutdownRequest = "shutdown_request";
    public const string ShutdownReply = "shutdown_reply";
    public const string InterruptRequest = "interrupt_request";
    public const string InterruptReply = "interrupt_reply";
    public const string DebugRequest = "debug_request";
    public const string DebugReply = "debug_reply";
    public const string UsageRequest = "usage_request";
    public const string UsageReply = "usage_reply";
    public const string CreateSubshellRequest = "create_subshell_request";
    public const string CreateSubshellReply = "create_subshell_reply";
    public const string DeleteSubshellRequest = "delete_subshell_request";
    public const string DeleteSubshellReply = "delete_subshell_reply";
    public const string ListSubshellRequest = "list_subshell_request";
    public const string ListSubshellReply = "list_subshell_reply";

    public const string Status = "status";
    public const string ExecuteInput = "execute_input";
    public const string Stream = "stream";
    public const string DisplayData = "display_data";
    public const string UpdateDisplayData = "update_display_data";
    public const string ExecuteResult = "execute_result";
    public const string Error = "error";
    public const string ClearOutput = "clear_output";
    public const string DebugEvent = "debug_event";
    public const string IOPubWelcome = "iopub_welcome";

    public const string InputRequest = "input_request";
    public const string InputReply = "input_reply";

    // Longer than any known type; what is longer is not looked up.
    private const int LongestKnown = 32;

    private static readonly FrozenDictionary<string, (string Type, Route[] Routes)> Known = Table();

    private static readonly FrozenDictionary<string, (string Type, Route[] Routes)>.AlternateLookup<ReadOnlySpan<char>> KnownBySpan =
        Known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>All types of the spec.</summary>
    public static IReadOnlyCollection<string> All => Known.Keys;

    /// <summary>Who sends this type on this channel according to the spec; <see cref="MessageDirection.None"/> when it does not belong there or is unknown.</summary>
    public static MessageDirection DirectionOf(KernelChannel channel, string messageType)
    {
        var direction = MessageDirection.None;
        if (Known.TryGetValue(messageType, out var entry))
        {
            foreach (var route in entry.Routes)
            {
                if (route.Channel == channel)
                    direction |= route.Direction;
            }
        }

        return direction;
    }

    /// <summary>True for a type the spec names, on whatever channel.</summary>
    public static bool IsKnown(string messageType) => Known.ContainsKey(messageType);

    /// <summary>The text of a type; known types cost no allocation.</summary>
    internal static string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= LongestKnown)
        {
            Span<char> chars = stackalloc char[LongestKnown];
            if (Encoding.UTF8.TryGetChars(utf8, chars, out var written) && KnownBySpan.TryGetValue(chars[..written], out var entry))
                return entry.Type;
        }

        return Encoding.UTF8.GetString(utf8);
    }

    private static FrozenDictionary<string, (string Type, Route[] Routes)> Table()
    {
        // The reference kernel answers every shell request on control too; a hub with rights must look at both.
        Route[] request = [new(KernelChannel.Shell, MessageDirection.ToKernel), new(KernelChannel.Control, MessageDirection.ToKernel)];
        Route[] reply = [new(KernelChannel.Shell, MessageDirection.FromKernel), new(KernelChannel.Control, MessageDirection.FromKernel)];
        Route[] controlRequest = [new(KernelChannel.Control, MessageDirection.ToKernel)];
        Route[] controlReply = [new(KernelChannel.Control, MessageDirection.FromKernel)];
        Route[] output = [new(KernelChannel.IOPub, MessageDirection.FromKernel)];
        Route[] comm = [.. request, .. output];

        var table = new Dictionary<string, (string, Route[])>();
        void Add(Route[] routes, params ReadOnlySpan<string> types)
        {
            foreach (var type in types)
                table.Add(type, (type, routes));
        }

        Add(request, ExecuteRequest, InspectRequest, CompleteRequest, HistoryRequest, IsCompleteRequest, KernelInfoRequest, CommInfoRequest, ConnectRequest, ShutdownRequest);
        Add(reply, ExecuteReply, InspectReply, CompleteReply, HistoryReply, IsCompleteReply, KernelInfoReply, CommInfoReply, ConnectReply);
        Add([.. reply, .. output], ShutdownReply);
        Add(comm, CommOpen, CommMessage, CommClose);
        Add(controlRequest, InterruptRequest, DebugRequest, UsageRequest, CreateSubshellRequest, DeleteSubshellRequest, ListSubshellRequest);
        Add(controlReply, InterruptReply, DebugReply, UsageReply, CreateSubshellReply, DeleteSubshellReply, ListSubshellReply);
        Add(output, Status, ExecuteInput, Stream, DisplayData, UpdateDisplayData, ExecuteResult, Error, ClearOutput, DebugEvent, IOPubWelcome);
        Add([new(KernelChannel.Stdin, MessageDirection.FromKernel)], InputRequest);
        Add([new(KernelChannel.Stdin, MessageDirection.ToKernel)], InputReply);
        return table.ToFrozenDictionary();
    }

    private readonly record struct Route(KernelChannel Channel, MessageDirection Direction);
}
