namespace Web.Pages;

/// <summary>An environment a class can have.</summary>
public sealed record EnvironmentChoice(string Name, string Title);
