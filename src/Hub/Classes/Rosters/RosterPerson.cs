namespace Hub.Classes.Rosters;

/// <summary>Somebody who was imported.</summary>
/// <param name="Link">Secret and end of the one-time link of a new account; null for who had one.</param>
public sealed record RosterPerson(RosterEntry Entry, (string Secret, DateTimeOffset ExpiresAt)? Link);
