namespace Wire.Yjs;

/// <summary>A run of units that one client made one after the other.</summary>
internal abstract class Struct(int client, int clock, int length)
{
    /// <summary>Place in <see cref="ClientTable"/>.</summary>
    public int Client { get; } = client;

    /// <summary>Of the first unit.</summary>
    public int Clock { get; set; } = clock;

    public int Length { get; set; } = length;

    /// <summary>Clock of the unit after the last.</summary>
    public int End => Clock + Length;

    public YId Id => new(Client, Clock);

    public YId LastId => new(Client, Clock + Length - 1);

    public abstract bool IsDeleted { get; }

    /// <summary>Takes what follows into itself; false where the two are no run.</summary>
    public abstract bool TryMerge(Struct right);

    /// <param name="offset">Units at the beginning to leave out; fewer than <see cref="Length"/>.</param>
    public abstract void Write(UpdateWriter writer, ClientTable clients, int offset);
}
