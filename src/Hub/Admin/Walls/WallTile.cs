namespace Hub.Admin.Walls;

/// <summary>One student on the wall of a class. A tile that is equal to what a panel has is not sent again.</summary>
/// <param name="User">Name of the account.</param>
/// <param name="Name">What they are called.</param>
/// <param name="State">See <see cref="WallState"/>.</param>
/// <param name="Notebook">Its path relative to their home; null when nothing is open.</param>
/// <param name="BusySince">Null when no cell runs.</param>
/// <param name="LastActivity">Of their kernels or server, to the second; null when nothing runs.</param>
/// <param name="Hand">Since when their hand is up; null when it is not.</param>
/// <param name="Kernels">How many of theirs run.</param>
/// <param name="Reason">Why the kernel is dead, or what is wrong with it.</param>
public sealed record WallTile(
    string User,
    string Name,
    string State,
    string? Notebook,
    DateTimeOffset? BusySince,
    DateTimeOffset? LastActivity,
    DateTimeOffset? Hand,
    int Kernels,
    string? Reason);
