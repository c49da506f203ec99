namespace Hub.Kernels;

/// <summary>How much a <see cref="TabBacklog"/> holds before its tab reads from the journal instead.</summary>
/// <param name="Messages">Messages at most.</param>
/// <param name="Bytes">Bytes at most. One message always fits, however long.</param>
internal sealed record BacklogLimits(int Messages, long Bytes)
{
    public static BacklogLimits Of(KernelsOptions options) => new(options.TabQueueMessages, options.TabQueueBytes);
}
