using Hub.Http;

namespace Hub.Servers;

/// <summary>A server somebody has: a logical object, no process stands behind it.</summary>
/// <param name="UserId">Row of its user.</param>
/// <param name="UserName">Whose it is.</param>
/// <param name="Started">When it was started last.</param>
/// <param name="LastActivity">When its user last did something.</param>
public sealed record UserServer(long UserId, string UserName, DateTimeOffset Started, DateTimeOffset LastActivity)
{
    /// <summary>Empty for the default server.</summary>
    public string Name { get; init; } = "";

    /// <summary>What people call it; empty where the name will do.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>What a launcher gave it to remember, a JSON object; it means nothing to the hub.</summary>
    public string UserOptions { get; init; } = "{}";

    public ServerKey Key => new(UserName, Name);
}
