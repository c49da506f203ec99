namespace Hub.Contents.Quotas;

/// <summary>How near a home is to its limit.</summary>
public enum UsageLevel
{
    /// <summary>Less than 80 %, or not known yet.</summary>
    Fine,

    /// <summary>80 % and more.</summary>
    High,

    /// <summary>95 % and more.</summary>
    Nearly,

    /// <summary>All of it and more: the hub writes nothing that needs room.</summary>
    Full,
}
