namespace Hub.Classes.Rosters;

/// <summary>One person of a roster.</summary>
/// <param name="Line">Of the file.</param>
/// <param name="UserName">Normalised.</param>
/// <param name="DisplayName">Null leaves it as it is; a new account gets its user name.</param>
public sealed record RosterEntry(int Line, string UserName, string? DisplayName, bool Teacher);
