using System.Text;
using System.Text.Json;
using Hub.Kernels;
using Wire.Jupyter;

namespace Hub.Tests.Kernels;

/// <summary>Messages as tests need them, in one line each.</summary>
internal static class Said
{
    public static MessageFacts Asked(
        TabId tab, string id, string type = "execute_request", KernelChannel channel = KernelChannel.Shell, string? content = null, bool allowStdin = true, string? subshell = null) =>
        MessageFacts.OfTab(Make(channel, Header(id, type, tab.ClientId, subshell), "{}", content ?? $$"""{"code":"1","allow_stdin":{{(allowStdin ? "true" : "false")}}}"""), tab);

    public static MessageFacts Reply(string parent, string type = "execute_reply", KernelChannel channel = KernelChannel.Shell, string content = """{"status":"ok"}""", string session = "") =>
        MessageFacts.OfKernel(Make(channel, Header($"r-{parent}", type, Room.KernelSession), Header(parent, type.Replace("reply", "request", StringComparison.Ordinal), session), content));

    public static MessageFacts Status(string state, string? parent, string parentType = "execute_request", string session = Room.KernelSession) =>
        MessageFacts.OfKernel(Make(KernelChannel.IOPub, Header($"s-{parent}", "status", session), parent is null ? "{}" : Header(parent, parentType, ""), $$"""{"execution_state":"{{state}}"}"""));

    /// <summary>A status whose parent names the session it was asked from.</summary>
    public static MessageFacts StatusOf(string state, string parent, string parentSession) =>
        MessageFacts.OfKernel(Make(KernelChannel.IOPub, Header($"s-{parent}", "status", Room.KernelSession), Header(parent, "execute_request", parentSession), $$"""{"execution_state":"{{state}}"}"""));

    public static MessageFacts Output(string parent, string text = "text", string type = "stream") =>
        MessageFacts.OfKernel(Make(KernelChannel.IOPub, Header("o", type, Room.KernelSession), Header(parent, "execute_request", ""), JsonSerializer.Serialize(new { name = "stdout", text })));

    public static MessageFacts Prompt(string id, string parent) =>
        MessageFacts.OfKernel(Make(KernelChannel.Stdin, Header(id, "input_request", Room.KernelSession), Header(parent, "execute_request", ""), """{"prompt":"?","password":false}"""));

    public static MessageFacts InputReply(TabId tab, string prompt) =>
        MessageFacts.OfTab(Make(KernelChannel.Stdin, Header($"a-{prompt}", "input_reply", tab.ClientId), Header(prompt, "input_request", ""), """{"value":"v"}"""), tab);

    private static string Header(string id, string type, string session, string? subshell = null) =>
        JsonSerializer.Serialize(new { msg_id = id, msg_type = type, session, username = "u", version = "5.4", subshell_id = subshell });

    private static KernelMessage Make(KernelChannel channel, string header, string parent, string content) => new()
    {
        Channel = channel,
        Header = Encoding.UTF8.GetBytes(header),
        ParentHeader = Encoding.UTF8.GetBytes(parent),
        Metadata = "{}"u8.ToArray(),
        Content = Encoding.UTF8.GetBytes(content),
    };
}
