namespace Wire.Yjs;

/// <summary>A part of XML: kept and handed on as it is, without a way to change it here.</summary>
public sealed class YXml : YType
{
    internal YXml(SharedType type)
        : base(type)
    {
    }

    public TypeKind Kind => Type.Kind;

    /// <summary>Of an element or a hook.</summary>
    public string? NodeName => Type.NodeName;

    /// <summary>Its children.</summary>
    public override object? ToValue() => new YArray(Type).ToValue();
}
