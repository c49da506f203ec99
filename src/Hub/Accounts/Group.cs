namespace Hub.Accounts;

/// <summary>People who belong together: a class, a team. Scopes reach them by <c>!group=name</c>.</summary>
/// <param name="Source">The sign-in provider that says who is in it; null for groups that are filled here.</param>
/// <param name="Properties">A JSON object of whoever keeps the group; means nothing to the hub.</param>
/// <param name="Users">Names of the members, sorted.</param>
public sealed record Group(long Id, string Name, string? Source, string Properties, IReadOnlyList<string> Users)
{
    /// <summary>The source of groups that classes fill with their students; a provider could not be called so, for its name is part of addresses.</summary>
    public const string OfClass = "the class";
}
