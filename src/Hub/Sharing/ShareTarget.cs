namespace Hub.Sharing;

/// <summary>With whom a server is shared: a user, or everybody in a group.</summary>
public sealed record ShareTarget(bool IsGroup, long Id, string Name);
