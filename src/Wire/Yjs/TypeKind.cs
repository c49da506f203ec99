namespace Wire.Yjs;

/// <summary>What a shared type is, by its number on the wire.</summary>
public enum TypeKind : byte
{
    Array = 0,
    Map = 1,
    Text = 2,
    XmlElement = 3,
    XmlFragment = 4,
    XmlHook = 5,
    XmlText = 6,

    /// <summary>At the top of a document, where only whoever asks for it says what it is.</summary>
    Root = 255,
}
