namespace Hub.Journal.Recording;

/// <summary>What a frame between hub and recorder says; the numbers are those on the wire.</summary>
internal enum RecorderVerb : byte
{
    /// <summary>Both, first: the version they speak.</summary>
    Hello = 1,

    /// <summary>Hub: hear this kernel at this endpoint. Answered by <see cref="Done"/>.</summary>
    Watch = 2,

    /// <summary>Hub: this kernel is no more. Answered by <see cref="Done"/>.</summary>
    Forget = 3,

    /// <summary>Hub: up to this message everything is in the journal. No answer.</summary>
    Journaled = 4,

    /// <summary>Hub: send what came after this message, and go on. Answered by <see cref="FeedStart"/>; the connection is for the feed from then on.</summary>
    Open = 5,

    /// <summary>Recorder: it is done; whether it could be.</summary>
    Done = 6,

    /// <summary>Recorder: what the feed begins with.</summary>
    FeedStart = 7,

    /// <summary>Recorder: one message of the kernel.</summary>
    FeedMessage = 8,

    /// <summary>Recorder: that was all there is at this moment; what follows is heard now.</summary>
    FeedLive = 9,

    /// <summary>Recorder: so many messages that would come here were dropped.</summary>
    FeedDropped = 10,
}
