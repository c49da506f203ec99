namespace Hub.Classes;

/// <summary>Somebody in a class.</summary>
/// <param name="Folder">The class' folder in the home; empty until it was made.</param>
/// <param name="HandedOut">When the materials were last handed out into the home; null when they still wait.</param>
public sealed record ClassMember(
    long UserId, string UserName, string DisplayName, bool Guest, bool Teacher, DateTimeOffset Joined, string Folder, DateTimeOffset? HandedOut)
{
    /// <summary>A student the teachers reach, see <see cref="ClassGroupsStore"/>.</summary>
    public bool Reached { get; init; }
}
