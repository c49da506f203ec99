namespace Benchmarks.Rest;

/// <summary>One kind of call, and which one it is the n-th time.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Of">Method, path, body; null when there is nothing left to ask.</param>
/// <param name="Status">What a success answers.</param>
internal sealed record RestCall(string Name, Func<int, (string Method, string Path, string Body)?> Of, int Status);
