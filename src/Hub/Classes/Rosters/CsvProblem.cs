namespace Hub.Classes.Rosters;

/// <summary>What is wrong with a file, and where.</summary>
/// <param name="Line">The first is 1.</param>
public sealed record CsvProblem(int Line, string What)
{
    public override string ToString() => FormattableString.Invariant($"line {Line}: {What}");
}
