namespace Hub.Classes.Rosters;

/// <summary>One record of a file.</summary>
/// <param name="Line">On which it begins; the first is 1.</param>
internal sealed record CsvRecord(int Line, IReadOnlyList<string> Cells);
