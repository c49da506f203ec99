namespace Hub.Storage.Copies;

/// <summary>Last line of a copy.</summary>
/// <param name="Rows">Of all tables together.</param>
internal sealed record CopyEnd(bool End, long Rows);
