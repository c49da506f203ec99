namespace Testing;

/// <summary>A run of <see cref="Fuzz"/> failed; the message says how to repeat it.</summary>
public sealed class FuzzException(int seed, Exception cause) : Exception($"seed {seed} (repeat with HUB_FUZZ_SEED={seed}): {cause.Message}", cause);
