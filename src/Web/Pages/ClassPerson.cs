namespace Web.Pages;

/// <summary>Somebody in a class.</summary>
/// <param name="HandedOut">The materials have reached them.</param>
/// <param name="MayRemove">Whoever looks may take them out of the class.</param>
public sealed record ClassPerson(string UserName, string DisplayName, bool Guest, bool Teacher, bool HandedOut, bool MayRemove);
