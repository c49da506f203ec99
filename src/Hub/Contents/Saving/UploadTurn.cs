namespace Hub.Contents.Saving;

/// <summary>One save's place among the uploads to its name; disposed when the save is over.</summary>
/// <param name="owner">Tells one client from another: the token or the sign-in it asks with.</param>
internal sealed class UploadTurn(UploadTurns turns, long userId, ContentPath path, string owner) : IDisposable
{
    public long UserId { get; } = userId;

    public ContentPath Path { get; } = path;

    public string Owner { get; } = owner;

    /// <summary>The save turned out to be piece <paramref name="piece"/> of an upload.</summary>
    /// <exception cref="ContentException">409: the name is another upload's.</exception>
    public void Take(int piece, string hash) => turns.Take(this, piece, hash);

    /// <summary>The last piece is there, or none can follow: the name is free again.</summary>
    public void Finish() => turns.Finish(this);

    public void Dispose() => turns.Leave(this);
}
