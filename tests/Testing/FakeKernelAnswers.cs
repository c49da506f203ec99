using System.Text.Json;
using Wire.Jupyter;

namespace Testing;

/// <summary>What a <see cref="FakeKernel"/> answers to requests that run no code.</summary>
internal static class FakeKernelAnswers
{
    public static async Task AnswerAsync(FakeKernel kernel, FakeRequest request)
    {
        switch (request.Message.MessageType)
        {
            case MessageTypes.KernelInfoRequest:
                await kernel.Reply(request, MessageTypes.KernelInfoReply, new
                {
                    status = "ok",
                    protocol_version = "5.3",
                    implementation = "fake",
                    implementation_version = "1",
                    language_info = new { name = "fake", version = "1", mimetype = "text/plain", file_extension = ".txt" },
                    banner = "A fake kernel",
                    help_links = Array.Empty<object>(),
                });
                break;
            case MessageTypes.InterruptRequest:
                await kernel.Reply(request, MessageTypes.InterruptReply, new { status = "ok" });
                break;
            case MessageTypes.CompleteRequest:
                await kernel.Reply(request, MessageTypes.CompleteReply, new { status = "ok", matches = new[] { "echo", "print" }, cursor_start = 0, cursor_end = 0, metadata = new { } });
                break;
            case MessageTypes.InspectRequest:
                await kernel.Reply(request, MessageTypes.InspectReply, new { status = "ok", found = false, data = new { }, metadata = new { } });
                break;
            case MessageTypes.IsCompleteRequest:
                await kernel.Reply(request, MessageTypes.IsCompleteReply, new { status = "complete", indent = "" });
                break;
            case MessageTypes.HistoryRequest:
                await kernel.Reply(request, MessageTypes.HistoryReply, new { status = "ok", history = Array.Empty<object>() });
                break;
            case MessageTypes.CommInfoRequest:
                await kernel.Reply(request, MessageTypes.CommInfoReply, new
                {
                    status = "ok",
                    comms = kernel.Comms.ToDictionary(comm => comm.Key, comm => new { target_name = comm.Value }),
                });
                break;
            case MessageTypes.CommOpen or MessageTypes.CommMessage or MessageTypes.CommClose:
                AnswerComm(kernel, request.Message);
                break;
        }
    }

    private static void AnswerComm(FakeKernel kernel, KernelMessage message)
    {
        var content = JsonDocument.Parse(message.Content).RootElement;
        var id = content.GetProperty("comm_id").GetString()!;
        switch (message.MessageType)
        {
            case MessageTypes.CommOpen:
                kernel.Comms[id] = content.GetProperty("target_name").GetString()!;
                break;
            case MessageTypes.CommClose:
                kernel.Comms.TryRemove(id, out _);
                break;
            default:
                kernel.Publish(MessageTypes.CommMessage, new { comm_id = id, data = content.GetProperty("data") }, message, message.Buffers);
                break;
        }
    }
}
