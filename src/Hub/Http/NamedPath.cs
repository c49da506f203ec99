namespace Hub.Http;

/// <summary>A request to a named server, addressed as the default one.</summary>
/// <param name="Server">The name that was taken out.</param>
/// <param name="Path">Decoded, as the routes read it.</param>
/// <param name="RawPath">As sent, without the query.</param>
public sealed record NamedPath(string Server, string Path, string RawPath);
