namespace Hub.Contents;

/// <summary>A home cannot be made or is somebody else's; the message is for the operator.</summary>
public sealed class HomeException(string message) : Exception(message);
