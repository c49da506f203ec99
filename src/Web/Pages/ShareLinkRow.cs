namespace Web.Pages;

/// <summary>A link by which people get access; the link itself is not known any more.</summary>
/// <param name="Used">How often it was taken.</param>
public sealed record ShareLinkRow(string Id, DateTimeOffset Expires, long Used, string RevokeAction)
{
    /// <summary>The name of the server it leads to; empty for the default one.</summary>
    public string Server { get; init; } = "";
}
