namespace Hub.KernelSpecs;

/// <summary>An environment made in the panel, as it is kept.</summary>
/// <param name="Settings">As one entry of <c>Kernels:Specs</c> would say it.</param>
/// <param name="Pin">Whether kernels stay with the image that was there first, until somebody takes the new one.</param>
/// <param name="Pinned">Id of that image; null until it is there.</param>
public sealed record MadeEnvironment(string Name, KernelSpecOptions Settings, bool Pin, string? Pinned);
