namespace Web.Pages;

/// <summary>
/// A class as its teacher sees it. Forms post below <paramref name="Here"/>: <c>/code</c> (<c>what</c>: close, open, or renew with <c>minutes</c> and <c>max_uses</c>), <c>/roster</c>
/// (<c>roster</c>), <c>/hand-out</c> (<c>path</c>), <c>/remove</c> (<c>user</c>) and <c>/end</c> (<c>sure</c>), each with <c>_xsrf</c>.
/// </summary>
/// <param name="Here">Address of the page.</param>
/// <param name="Link">The address that people open to join.</param>
/// <param name="Good">People can join by the code now, as far as the code goes.</param>
/// <param name="Closed">The teacher closed the code.</param>
/// <param name="Ended">The class is over.</param>
/// <param name="Materials">The teacher's folder that is handed out; null when there is none.</param>
public sealed record ClassView(
    PageFrame Frame,
    string Name,
    string Here,
    string Code,
    string Link,
    bool Good,
    bool Closed,
    bool Ended,
    int Students,
    int Capacity,
    DateTimeOffset? Closes,
    string? Materials,
    IReadOnlyList<ClassPerson> People,
    DateTimeOffset Now)
{
    public string? Notice { get; init; }

    /// <summary>Address of the live wall; null for whom the panel does not show this class.</summary>
    public string? Wall { get; init; }

    public string? Error { get; init; }

    /// <summary>CSV with the one-time links of accounts just made: this page is the only time it can be seen.</summary>
    public string? Links { get; init; }

    /// <summary>A roster that was refused, as it was typed.</summary>
    public string Roster { get; init; } = "";
}
