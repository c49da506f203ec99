namespace Spawner.Docker;

/// <summary>Body of <c>POST /containers/{id}/update</c>, as far as it is used; names are those of the wire, and what is null stays as it is.</summary>
internal sealed record LimitsBody
{
    public long? Memory { get; init; }

    public long? MemorySwap { get; init; }

    public long? NanoCpus { get; init; }

    public long? PidsLimit { get; init; }

    public long? CpuShares { get; init; }
}
