namespace Web.Pages;

/// <summary>What a page shows about sharing.</summary>
/// <param name="Here">The page all of it is on.</param>
/// <param name="MayShare">May the person make links?</param>
/// <param name="People">Who may use the person's server.</param>
/// <param name="Links">Links that are valid.</param>
/// <param name="SharedWithMe">Servers of others.</param>
public sealed record SharingPart(
    string Here, bool MayShare, IReadOnlyList<ShareRow> People, IReadOnlyList<ShareLinkRow> Links, IReadOnlyList<ShareRow> SharedWithMe, DateTimeOffset Now)
{
    /// <summary>Names of the person's servers beside the default one.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];
}
