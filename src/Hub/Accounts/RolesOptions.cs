namespace Hub.Accounts;

/// <summary>Section <c>Roles</c>: roles by name, besides the default ones.</summary>
public sealed class RolesOptions() : Dictionary<string, RoleOptions>(StringComparer.Ordinal)
{
    public const string Section = "Roles";
}
