namespace Wire.Yjs;

/// <summary>A part of a document that several may change at once.</summary>
public abstract class YType : IEquatable<YType>
{
    private protected YType(SharedType type) => Type = type;

    /// <summary>False once it was removed.</summary>
    public bool IsPresent => Type.Document is not null && !Type.IsRemoved;

    public YDoc Document => Type.Document ?? throw new InvalidOperationException("It is not part of a document yet.");

    internal SharedType Type { get; }

    /// <summary>As plain values, as <c>toJSON</c> gives them: texts as strings, maps and arrays of what they hold.</summary>
    public abstract object? ToValue();

    public bool Equals(YType? other) => other is not null && other.Type == Type;

    public override bool Equals(object? obj) => obj is YType other && Equals(other);

    public override int GetHashCode() => Type.GetHashCode();

    internal static YType Of(SharedType type) => type.Kind switch
    {
        TypeKind.Map => new YMap(type),
        TypeKind.Array => new YArray(type),
        TypeKind.Text or TypeKind.XmlText => new YText(type),
        _ => new YXml(type),
    };

    /// <summary>One unit of an item, as whoever asks for it sees it.</summary>
    internal static object? ValueOf(Item item, int index) => item.Kind switch
    {
        ContentKind.Any => ((AnyRun)item.Content!)[index],
        ContentKind.Text => item.Text[index].ToString(),
        ContentKind.Type => Of((SharedType)item.Content!),
        ContentKind.Binary => (byte[])item.Content!,
        ContentKind.Json => JsonValues.Parse(((string[])item.Content!)[index]),
        ContentKind.Embed => JsonValues.Parse((string)item.Content!),
        ContentKind.Document => ((Subdocument)item.Content!).Guid,
        _ => null,
    };

    private protected static object? Plain(object? value) => value is YType type ? type.ToValue() : value;

    /// <summary>What a value becomes in an item: bytes by themselves, everything else as it is.</summary>
    private protected static (ContentKind Kind, object Content) ContentOf(object? value, YjsLimits limits) => value switch
    {
        byte[] bytes => (ContentKind.Binary, bytes),
        _ => (ContentKind.Any, AnyRun.Of([value], limits.MaxValueDepth)),
    };
}
