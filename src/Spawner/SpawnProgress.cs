namespace Spawner;

/// <summary>One step of a start, for the person waiting.</summary>
/// <param name="Percent">0 to 100, never falling within one start.</param>
/// <param name="Message">A sentence for the user.</param>
public sealed record SpawnProgress(int Percent, string Message);
