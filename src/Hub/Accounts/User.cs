namespace Hub.Accounts;

/// <summary>Somebody with an account.</summary>
/// <param name="Id">Never given twice, so a new user of an old name inherits nothing.</param>
/// <param name="Name">Normalised.</param>
/// <param name="SecurityStamp">Changes whenever all sign-ins of the user must end.</param>
/// <param name="HasPassword">False until a password was set: such a user signs in by nothing but a one-time link.</param>
public sealed record User(
    long Id, string Name, string DisplayName, bool Admin, bool Disabled, bool HasPassword, string SecurityStamp, DateTimeOffset Created, DateTimeOffset? LastActivity)
{
    /// <summary>A temporary account without a password, which goes with its class.</summary>
    public bool Guest { get; init; }
}
