namespace Web.Pages;

/// <summary>One share, from either side.</summary>
/// <param name="Name">With whom, or whose server it is.</param>
/// <param name="ByGroup">Everybody in a group has it.</param>
/// <param name="Scopes">What it lets them do, a sentence each.</param>
/// <param name="EndAction">Where the form that ends it posts; null where that is not this person's to do.</param>
/// <param name="OpenUrl">Opens the server; null when it does not run.</param>
public sealed record ShareRow(string Name, bool ByGroup, IReadOnlyList<string> Scopes, DateTimeOffset Since, string? EndAction, string? OpenUrl)
{
    /// <summary>The name of the server; empty for the default one.</summary>
    public string Server { get; init; } = "";
}
