namespace Hub.Servers;

/// <summary>A started server: a logical object, no process stands behind it.</summary>
/// <param name="UserId">Row of its user.</param>
/// <param name="UserName">Whose it is.</param>
/// <param name="Started">When it was started.</param>
/// <param name="LastActivity">When its user last did something.</param>
public sealed record UserServer(long UserId, string UserName, DateTimeOffset Started, DateTimeOffset LastActivity);
