namespace Spawner;

/// <summary>Which spawner the hub uses, and why.</summary>
/// <param name="Sentence">For the console: what was chosen and why, with what to do when something else was meant.</param>
public sealed record SpawnerChoice(SpawnerKind Kind, string Sentence);
