using Hub.Classes;

namespace Hub.Admin.Walls;

/// <summary>Who is on a wall, as it was read from the database.</summary>
/// <param name="SignedIn">Ids of the users who have a sign-in that has not ended.</param>
internal sealed record WallRoster(IReadOnlyList<ClassMember> Students, IReadOnlySet<long> SignedIn, long ReadAt);
