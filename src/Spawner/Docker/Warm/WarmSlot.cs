namespace Spawner.Docker.Warm;

/// <summary>A container made ahead, while this process holds it: from before it is made until it is somebody's kernel, or gone.</summary>
/// <param name="Id">Of the place.</param>
/// <param name="Plan">What the engine was asked for.</param>
/// <param name="UserId">uid and gid in the container.</param>
/// <param name="Shape">See <see cref="WarmPlan.ShapeOf"/>.</param>
/// <param name="ImageId">The image as it was: a name can come to mean another one.</param>
internal sealed record WarmSlot(string Id, ContainerPlan Plan, int UserId, string Shape, string ImageId)
{
    /// <summary>The engine's id of it; empty until it is made.</summary>
    public string Container { get; set; } = "";

    /// <summary>Where the hub sees its volume.</summary>
    public string Channels { get; set; } = "";

    public Task<ContainerDeath>? Death { get; set; }

    /// <summary>Its imports are done and nobody has taken it. Written under the pool's lock.</summary>
    public bool IsReady { get; set; }
}
