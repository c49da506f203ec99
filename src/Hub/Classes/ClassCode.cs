namespace Hub.Classes;

/// <summary>A class' join code and how far it goes.</summary>
/// <param name="Code">As it is written on the board; empty when there is none.</param>
public sealed record ClassCode(string Code = "", bool Closed = false, DateTimeOffset? ExpiresAt = null, int? MaxUses = null, int Uses = 0)
{
    /// <summary>Whether somebody can join by it at <paramref name="now"/>, as far as the code itself goes.</summary>
    public bool IsGood(DateTimeOffset now) => Code.Length > 0 && !Closed && !(ExpiresAt <= now) && !(Uses >= MaxUses);
}
