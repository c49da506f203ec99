namespace Wire.Yjs;

/// <summary>One unit of a document: who made it and as its how manieth.</summary>
/// <param name="Client">Place of the client in <see cref="ClientTable"/>, not its number on the wire; −1 for no unit at all.</param>
/// <param name="Clock">Units the client made before.</param>
internal readonly record struct YId(int Client, int Clock)
{
    public static readonly YId None = new(-1, 0);

    public bool IsNone => Client < 0;
}
