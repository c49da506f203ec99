namespace Hub.Storage.Engines;

/// <summary>Who has a database for itself.</summary>
/// <param name="Text">For the operator: process, machine and since when, as far as the server tells.</param>
/// <param name="IsThisHub">It is a former connection of this very hub, which the server has not given up yet.</param>
internal sealed record DatabaseHolder(string Text, bool IsThisHub);
