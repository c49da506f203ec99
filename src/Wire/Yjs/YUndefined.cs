namespace Wire.Yjs;

/// <summary>JavaScript's <c>undefined</c>, which is not <c>null</c> on the wire.</summary>
public sealed class YUndefined
{
    private YUndefined()
    {
    }

    public static YUndefined Value { get; } = new();

    public override string ToString() => "undefined";
}
