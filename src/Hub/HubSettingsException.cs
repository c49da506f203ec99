namespace Hub;

/// <summary>An argument or a setting that the hub cannot start with; the message is one line for the operator and names the key.</summary>
public sealed class HubSettingsException(string message) : Exception(message);
