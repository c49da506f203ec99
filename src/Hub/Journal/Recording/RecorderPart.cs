namespace Hub.Journal.Recording;

/// <summary>One part of a <see cref="RecorderFeed"/>.</summary>
/// <param name="Frames">
/// A message of the kernel's iopub: all frames as they came, not verified by anybody yet (<c>ZmqMessageCodec.TryDecode</c>). Null when it is something else.
/// </param>
/// <param name="Dropped">So many messages were dropped here, since there were too many while no hub took them.</param>
public readonly record struct RecorderPart(IReadOnlyList<ReadOnlyMemory<byte>>? Frames, long Dropped)
{
    /// <summary>Nothing more is kept: what follows is heard this moment.</summary>
    public bool IsLive => Frames is null && Dropped == 0;
}
