namespace Hub.Admin;

/// <summary>One user of the panel's list. What the caller's scopes do not reach is null.</summary>
/// <param name="Server"><c>running</c>, <c>stopping</c> or <c>stopped</c>.</param>
/// <param name="Kernels">How many run.</param>
public sealed record UserListRow(
    string Name, string DisplayName, bool Admin, bool? Disabled, string? Created, string? LastActivity, string? Server, int? Kernels);
