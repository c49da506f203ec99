namespace Hub.Contents.Quotas;

/// <summary>How a quota is kept.</summary>
public enum QuotaKind
{
    /// <summary>New homes in an image where the machine can, the others measured.</summary>
    Auto,

    /// <summary>New homes in an image, or the hub does not start.</summary>
    Image,

    /// <summary>What is in a home is added up now and then.</summary>
    Measured,

    /// <summary>No quota, whatever <see cref="HomesOptions.QuotaBytes"/> says.</summary>
    None,
}
