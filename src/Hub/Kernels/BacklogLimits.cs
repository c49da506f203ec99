namespace Hub.Kernels;

/// <summary>How much a <see cref="TabBacklog"/> holds.</summary>
/// <param name="Messages">Messages from which on it counts as full.</param>
/// <param name="Bytes">Bytes from which on it counts as full. One message always fits, however long.</param>
/// <param name="Options">Names of the options these come from, for the notice to the person.</param>
internal sealed record BacklogLimits(int Messages, long Bytes, string Options)
{
    public static BacklogLimits OfTab(KernelsOptions options) =>
        new(options.TabQueueMessages, options.TabQueueBytes, $"{KernelsOptions.Section}:{nameof(KernelsOptions.TabQueueBytes)}");

    public static BacklogLimits OfAbsentTab(KernelsOptions options) =>
        new(options.ReplayMessages, options.ReplayBytes, $"{KernelsOptions.Section}:{nameof(KernelsOptions.ReplayMessages)}, {nameof(KernelsOptions.ReplayBytes)}");
}
