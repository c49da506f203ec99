using System.Text.Json.Serialization;

namespace Hub.Accounts;

/// <summary>A user on the API as far as somebody may see them: what is null or false is left out. Lists have hundreds, so no tree of nodes is made of it.</summary>
[JsonConverter(typeof(UserModelCodec))]
public sealed record UserModel(User User)
{
    /// <summary>Whether the user administers the hub is shown.</summary>
    public bool ShowsAdmin { get; init; }

    public IReadOnlyList<string>? Roles { get; init; }

    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>When the user came, and where their default server stands, are shown.</summary>
    public bool ShowsState { get; init; }

    /// <summary>The default server, if there is one.</summary>
    public ServerModel? Running { get; init; }

    public bool ShowsActivity { get; init; }

    /// <summary>As written by <c>ApiTime</c>; null when the user was never here.</summary>
    public string? LastActivity { get; init; }

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, ServerModel>? Servers { get; init; }

    /// <summary>The key is there; what it would hold the hub keeps to itself.</summary>
    public bool ShowsAuthState { get; init; }

    public bool ShowsUserInfo { get; init; }

    /// <summary>Where users ask for themselves: what they ask with.</summary>
    public Caller? Self { get; init; }
}
