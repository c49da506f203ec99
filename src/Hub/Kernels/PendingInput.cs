using System.Collections.Immutable;

namespace Hub.Kernels;

/// <summary>A prompt of the kernel that nobody has answered yet.</summary>
/// <param name="Prompt">The <c>input_request</c>.</param>
/// <param name="RequestId">msg_id of the request that prompts.</param>
/// <param name="Asked">The tabs that were asked, and the number in the journal under which each was; the first of them that answers is heard.</param>
internal sealed record PendingInput(MessageFacts Prompt, string RequestId, ImmutableDictionary<TabId, long> Asked)
{
    public PendingInput(MessageFacts prompt, string requestId, TabId asked) : this(prompt, requestId, ImmutableDictionary<TabId, long>.Empty.Add(asked, 0))
    {
    }
}
