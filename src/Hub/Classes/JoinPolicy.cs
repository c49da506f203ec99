namespace Hub.Classes;

/// <summary>Whether somebody who has the code may come in. Who is in already always may: they only find their way back.</summary>
internal static class JoinPolicy
{
    public static JoinRefusal Decide(Class one, bool member, bool guest, DateTimeOffset now)
    {
        if (one.Ended is not null)
            return JoinRefusal.Over;
        if (member)
            return JoinRefusal.None;
        if (one.Code.Closed)
            return JoinRefusal.Closed;
        if (one.Code.ExpiresAt <= now)
            return JoinRefusal.Expired;
        if (one.Code.Uses >= one.Code.MaxUses)
            return JoinRefusal.UsedUp;
        if (one.Opens > now)
            return JoinRefusal.NotYet;
        if (one.Closes <= now)
            return JoinRefusal.Over;
        if (one.Students >= one.Capacity)
            return JoinRefusal.Full;
        return guest && !one.Guests ? JoinRefusal.NoGuests : JoinRefusal.None;
    }

    /// <summary>Said to who wants in.</summary>
    public static string Say(JoinRefusal refusal) => refusal switch
    {
        JoinRefusal.NoSuchCode => "There is no class with this code. Look at it again: it has eight letters and digits, such as 7KQ4-M2XH.",
        JoinRefusal.Closed => "This class takes nobody in just now. Ask the teacher to open the code.",
        JoinRefusal.Expired => "This code has run out. Ask the teacher for a new one.",
        JoinRefusal.UsedUp => "This code has been used as often as it may be. Ask the teacher for a new one.",
        JoinRefusal.NotYet => "This class has not begun yet. Try again when it does.",
        JoinRefusal.Over => "This class is over.",
        JoinRefusal.Full => "This class is full. Ask the teacher to make room.",
        JoinRefusal.NoGuests => "This class is for people with an account. Sign in first, and then use the code.",
        _ => "",
    };
}
