namespace Hub.Classes;

/// <summary>Why somebody cannot join a class now.</summary>
public enum JoinRefusal
{
    None,
    NoSuchCode,
    Closed,
    Expired,
    UsedUp,
    NotYet,
    Over,
    Full,
    NoGuests,
}
