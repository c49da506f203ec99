namespace Hub.Admin;

/// <summary>One page of the panel's list of users.</summary>
/// <param name="Total">On all pages.</param>
public sealed record UserListPage(IReadOnlyList<UserListRow> Items, int Offset, int Limit, int Total);
