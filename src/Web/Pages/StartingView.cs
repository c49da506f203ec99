namespace Web.Pages;

/// <summary>Shown while something starts; the page asks again by itself, without scripts.</summary>
/// <param name="Name">What starts, such as "your server".</param>
/// <param name="Message">What is being done now, in a sentence.</param>
/// <param name="Percent">0 to 100; null when nobody can know.</param>
/// <param name="RefreshUrl">Where the page goes to ask again.</param>
/// <param name="RefreshSeconds">How long it waits before it does.</param>
public sealed record StartingView(
    PageFrame Frame, string Name, string Message, int? Percent, string RefreshUrl, int RefreshSeconds = 2);
