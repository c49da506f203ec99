namespace Wire.Yjs;

/// <summary>What structs are read into: the clients they may name, the limits, and one copy of each name that comes again and again.</summary>
internal sealed class UpdateScope(YjsLimits limits, ClientTable clients)
{
    private const int MaxNames = 4096;
    private const int MaxNameLength = 64;

    private readonly Dictionary<string, string> _names = [];

    public YjsLimits Limits { get; } = limits;

    public ClientTable Clients { get; } = clients;

    public TextRoom Texts { get; } = new();

    public string Name(string text)
    {
        if (text.Length > MaxNameLength)
            return text;
        if (_names.TryGetValue(text, out string? known))
            return known;
        if (_names.Count < MaxNames)
            _names.Add(text, text);
        return text;
    }
}
