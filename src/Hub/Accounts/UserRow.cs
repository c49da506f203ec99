using Hub.Storage;

namespace Hub.Accounts;

/// <summary>A row of <c>users</c> as the database driver fills it.</summary>
internal sealed class UserRow
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    public string DisplayName { get; init; } = "";

    public bool Admin { get; init; }

    public bool Disabled { get; init; }

    public bool HasPassword { get; init; }

    public string SecurityStamp { get; init; } = "";

    public bool Guest { get; init; }

    public long Created { get; init; }

    public long? LastActivity { get; init; }

    public User ToUser() => new(
        Id, Name, DisplayName, Admin, Disabled, HasPassword, SecurityStamp, StoredTime.FromStored(Created), StoredTime.FromStored(LastActivity))
    {
        Guest = Guest,
    };
}
