namespace Hub.Journal.Recording;

/// <summary>How what a recorder holds fits to what the journal has; the numbers are those on the wire.</summary>
public enum FeedBeginning : byte
{
    /// <summary>The feed begins with the message right after the one that was named: nothing is missing.</summary>
    Seamless = 1,

    /// <summary>The recorder does not know the message that was named: something between it and the feed may be missing.</summary>
    Gap = 2,

    /// <summary>The recorder does not hear this kernel.</summary>
    Unknown = 3,
}
