namespace Wire.Yjs;

/// <summary>Units that were removed, with whatever they were in: only that they were is kept.</summary>
internal sealed class GoneStruct(int client, int clock, int length) : Struct(client, clock, length)
{
    public override bool IsDeleted => true;

    public override bool TryMerge(Struct right)
    {
        if (right is not GoneStruct)
            return false;
        Length += right.Length;
        return true;
    }

    public override void Write(UpdateWriter writer, ClientTable clients, int offset)
    {
        writer.WriteByte((byte)ContentKind.Gone);
        writer.WriteVarUint(Length - offset);
    }
}
