using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>What a request says must be true of a file for it to be changed (RFC 9110, 13.1); none by default, and then the last writer wins.</summary>
/// <param name="Match">One of these tags, where <c>*</c> is any; null: whatever is there.</param>
/// <param name="NoneMatch">None of these tags, where <c>*</c> is any.</param>
/// <param name="UnmodifiedSince">Not modified after that second.</param>
internal sealed record Preconditions(IReadOnlyList<string>? Match, IReadOnlyList<string>? NoneMatch, DateTimeOffset? UnmodifiedSince)
{
    public static Preconditions None { get; } = new(null, null, null);

    public bool IsNone => this is { Match: null, NoneMatch: null, UnmodifiedSince: null };

    /// <summary>Only what is not there yet may be made.</summary>
    public bool MustBeNew => NoneMatch?.Contains("*") is true;

    /// <param name="there">Null: nothing.</param>
    /// <exception cref="ContentException"><see cref="ContentFailure.Changed"/>.</exception>
    public void Require(FileStatus? there, ContentPath path)
    {
        if (Match is not null && there is null)
            throw new ContentException(ContentFailure.Changed, $"'{path}' is not there any more. Nothing was changed.", "changed");
        if (Match is not null && !Match.Any(tag => tag == "*" || FileTag.Matches(tag, there!.Value)))
            throw Changed(path);
        if (NoneMatch is not null && there is { } status && NoneMatch.Any(tag => tag == "*" || FileTag.Matches(tag, status)))
            throw MustBeNew ? Exists(path) : Changed(path);
        // A header says whole seconds. It does not count beside a tag, which is exact.
        if (Match is null && UnmodifiedSince is { } since && there?.Modified.ToUnixTimeSeconds() > since.ToUnixTimeSeconds())
            throw Changed(path);
    }

    public static ContentException Changed(ContentPath path) =>
        new(ContentFailure.Changed, $"'{path}' was changed by somebody else since it was read. Nothing was changed now; read it again.", "changed");

    public static ContentException Exists(ContentPath path) =>
        new(ContentFailure.Changed, $"'{path}' is there already. Nothing was changed.", "changed");
}
