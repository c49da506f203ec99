namespace Hub.Servers;

/// <summary>What somebody wants a named server to be; nulls are not said.</summary>
/// <param name="UserOptions">A JSON object as text.</param>
public sealed record ServerWish(string? Name = null, string? DisplayName = null, string? UserOptions = null);
