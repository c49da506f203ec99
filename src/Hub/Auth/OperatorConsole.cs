namespace Hub.Auth;

/// <summary>Where the hub speaks to whoever started it: things no log may keep, such as the first link.</summary>
public sealed record OperatorConsole(TextWriter Out);
