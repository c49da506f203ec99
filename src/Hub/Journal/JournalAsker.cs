namespace Hub.Journal;

/// <summary>Who asked.</summary>
/// <param name="UserName">The signed-in person, not what the front end claims.</param>
/// <param name="ClientId">The tab: its <c>session_id</c>.</param>
/// <param name="CellId"><c>metadata.cellId</c> of the request, if the front end told it.</param>
public sealed record JournalAsker(string UserName, string ClientId, string? CellId);
