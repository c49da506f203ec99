namespace Hub.Contents;

/// <summary>
/// Something could not be done, in words for the user. An exception although most are expected: they arise deep inside of streaming loops and
/// system calls, and all mean the same on the way out, namely that nothing was changed and the request is answered with <see cref="Failure"/>.
/// </summary>
public sealed class ContentException(ContentFailure failure, string message, string? reason = null) : Exception(message)
{
    public ContentFailure Failure { get; } = failure;

    /// <summary>The machine-readable word beside the message where the API has one, such as <c>bad type</c>.</summary>
    public string? Reason { get; } = reason;
}
