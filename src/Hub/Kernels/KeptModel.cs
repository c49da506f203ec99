namespace Hub.Kernels;

/// <summary>Answer to a wish to keep a kernel.</summary>
/// <param name="KeptUntil">Until then it is not stopped for being idle.</param>
public sealed record KeptModel(string KeptUntil);
