namespace Wire.Yjs;

/// <summary>Structs of one client that are still to be put into the document.</summary>
internal sealed class StructQueue(List<Struct> structs)
{
    private int _next;

    public bool IsEmpty => _next >= structs.Count;

    public Struct Take() => structs[_next++];

    public List<Struct> TakeRest()
    {
        List<Struct> rest = structs[_next..];
        _next = structs.Count;
        return rest;
    }
}
