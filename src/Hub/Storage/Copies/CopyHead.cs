namespace Hub.Storage.Copies;

/// <summary>First line of a copy.</summary>
/// <param name="Format">Of the copy itself.</param>
/// <param name="Schema">Version of the schema the rows are of.</param>
/// <param name="Engine">Which engine they come from; tells, and decides nothing.</param>
internal sealed record CopyHead(int Format, int Schema, string Engine);
