namespace Wire.Yjs;

/// <summary>Units that an update leaves out between others of the same client; never part of a document.</summary>
internal sealed class GapStruct(int client, int clock, int length) : Struct(client, clock, length)
{
    public override bool IsDeleted => true;

    public override bool TryMerge(Struct right) => false;

    public override void Write(UpdateWriter writer, ClientTable clients, int offset)
    {
        writer.WriteByte((byte)ContentKind.Gap);
        writer.WriteVarUint(Length - offset);
    }
}
