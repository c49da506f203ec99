using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>What the kernel would answer to a question about its comms, were it not busy.</summary>
/// <param name="Content">JSON.</param>
internal sealed record CommAnswer(KernelChannel Channel, string MessageType, ReadOnlyMemory<byte> Content, IReadOnlyList<ReadOnlyMemory<byte>> Buffers);
