using Hub.Storage;

namespace Hub.Accounts;

/// <summary>What is remembered of accounts, by what changes it.</summary>
internal static class AccountKinds
{
    /// <summary>Users there were: their names, rights and all else that is kept of them. Who comes new changes nothing of it.</summary>
    public static readonly DataKind Users = new();

    /// <summary>How many users there are.</summary>
    public static readonly DataKind Roster = new();

    /// <summary>Groups themselves: their names, and who says who is in them.</summary>
    public static readonly DataKind Groups = new();

    /// <summary>Who is in which group.</summary>
    public static readonly DataKind Memberships = new();

    /// <summary>Tokens there were. One more changes nothing of it.</summary>
    public static readonly DataKind Tokens = new();
}
