namespace Hub.Kernels.Starting;

/// <summary>Where a start is in the queue.</summary>
/// <param name="Ahead">Starts that come first.</param>
/// <param name="Estimate">How long it will take until the turn comes; null when nothing is known yet.</param>
/// <param name="IsFull">Nobody's turn comes until memory is free.</param>
public sealed record StartPlace(int Ahead, TimeSpan? Estimate, bool IsFull);
