namespace Hub.Storage;

/// <summary>Times as the database keeps them: microseconds since 1970, UTC. Sorts and compares in any database, and loses nothing the APIs show.</summary>
public static class StoredTime
{
    public static long ToStored(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long? ToStored(DateTimeOffset? time) => time is { } known ? ToStored(known) : null;

    public static DateTimeOffset FromStored(long stored) => DateTimeOffset.UnixEpoch.AddTicks(stored * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? FromStored(long? stored) => stored is { } known ? FromStored(known) : null;
}
