namespace Spawner;

/// <summary>What an engine knows of an image.</summary>
/// <param name="Id">What it is, whatever it is called: <c>sha256:</c> and 64 digits. A name may be given to another image; an id never is.</param>
public sealed record ImageFacts(string Id);
