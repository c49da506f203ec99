using Wire.Jupyter;

namespace Testing;

/// <summary>A message that came in, and where its answer goes.</summary>
internal sealed record FakeRequest(ReadOnlyMemory<byte> Identity, KernelMessage Message);
