namespace Hub.Contents.Saving;

/// <summary>What a save did.</summary>
/// <param name="IsNew">The answer is 201.</param>
internal sealed record SaveResult(ContentPath Path, bool IsNew)
{
    /// <summary>What is invalid about the notebook that was saved all the same.</summary>
    public string? Problem { get; init; }

    /// <summary>SHA-256 of what was saved; null for directories and pieces.</summary>
    public string? Hash { get; init; }

    /// <summary>SHA-256 of a notebook on disk whose outputs its user has earned trust for; null when not.</summary>
    public string? TrustedHash { get; init; }

    /// <summary>Of a piece of an upload that is not the last: bytes so far. The file itself is not there yet.</summary>
    public long? Uploaded { get; init; }
}
