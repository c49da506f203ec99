namespace Hub.Classes;

/// <summary>For a hub where nobody can raise a hand.</summary>
internal sealed class NoHands : IRaisedHands
{
    public DateTimeOffset? RaisedAt(long classId, string userName) => null;
}
