namespace Hub.Kernels;

/// <summary>A prompt of the kernel that nobody has answered yet.</summary>
/// <param name="Prompt">The <c>input_request</c>.</param>
/// <param name="RequestId">msg_id of the request that prompts.</param>
/// <param name="Tab">The only tab that may answer; null when no tab of the owner is there.</param>
internal sealed record PendingInput(MessageFacts Prompt, string RequestId, TabId? Tab);
