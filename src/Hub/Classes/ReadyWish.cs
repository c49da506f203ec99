namespace Hub.Classes;

/// <summary>Kernels a class that opens soon, or has just opened, wants to be ready.</summary>
/// <param name="Environment">Name of the kernelspec; empty is the hub's default.</param>
/// <param name="Count">For so many students; who has a kernel needs none any more.</param>
/// <param name="Students">Who is in the class by now.</param>
public sealed record ReadyWish(string Environment, int Count, IReadOnlyList<string> Students);
