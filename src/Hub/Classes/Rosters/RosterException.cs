namespace Hub.Classes.Rosters;

/// <summary>A roster does not fit the class; nothing of it was imported.</summary>
public sealed class RosterException(IReadOnlyList<CsvProblem> problems) : Exception(string.Join("; ", problems))
{
    public IReadOnlyList<CsvProblem> Problems { get; } = problems;
}
