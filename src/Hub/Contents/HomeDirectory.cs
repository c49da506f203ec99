using Hub.Contents.Quotas;

namespace Hub.Contents;

/// <summary>One user's home on this machine.</summary>
/// <param name="UserName">Whose it is.</param>
/// <param name="Path">Absolute path; hostile ground: never joined with anything a user said, only ever opened and walked beneath.</param>
/// <param name="UserId">uid that owns it, or null when the hub is unprivileged and everything is its own.</param>
/// <param name="GroupId">gid that owns it, or null likewise.</param>
public sealed record HomeDirectory(string UserName, string Path, int? UserId, int? GroupId)
{
    /// <summary>What may still be written into it; null without a quota.</summary>
    internal HomeAllowance? Allowance { get; init; }
}
