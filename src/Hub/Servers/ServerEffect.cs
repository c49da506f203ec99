namespace Hub.Servers;

/// <summary>What must be done about an event.</summary>
internal enum ServerEffect
{
    None,

    /// <summary>Write down that it runs.</summary>
    Save,

    /// <summary>End everything it keeps alive, then say so.</summary>
    StopParts,

    /// <summary>Write down that it does not run.</summary>
    Remove,
}
