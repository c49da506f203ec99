namespace Hub.Admin;

/// <summary>One setting in force.</summary>
/// <param name="Value">As text; a secret is only told to be set or not.</param>
/// <param name="Changed">Whether it differs from the default.</param>
public sealed record SettingRow(string Key, string Value, bool Changed, string Meaning);
