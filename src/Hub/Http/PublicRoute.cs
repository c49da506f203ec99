namespace Hub.Http;

/// <summary>Says that an endpoint needs no sign-in, and why that is right.</summary>
public sealed record PublicRoute(string Why);
