namespace Hub.Classes.Ending;

/// <summary>What ending a class did.</summary>
/// <param name="Files">In the archive.</param>
/// <param name="Guests">Temporary accounts that were removed.</param>
public sealed record EndResult(long Files, int Guests);
