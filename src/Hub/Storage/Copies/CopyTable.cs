using System.Text.Json.Serialization;

namespace Hub.Storage.Copies;

/// <summary>Before the rows of a table.</summary>
/// <param name="Last">The last number given to a row, where the engine numbers them.</param>
internal sealed record CopyTable([property: JsonRequired] string Table, [property: JsonRequired] IReadOnlyList<string> Columns, long? Last);
