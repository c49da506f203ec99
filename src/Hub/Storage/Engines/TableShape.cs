namespace Hub.Storage.Engines;

/// <summary>A table as a copy of the database needs to know it.</summary>
/// <param name="Name">Without quotes.</param>
/// <param name="Columns">In their order.</param>
/// <param name="LastNumber">The last number the engine gave to a row by itself, which it never gives again; null where rows come with their keys.</param>
internal sealed record TableShape(string Name, IReadOnlyList<string> Columns, long? LastNumber);
