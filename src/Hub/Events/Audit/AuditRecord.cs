namespace Hub.Events.Audit;

/// <summary>A link of the chain.</summary>
/// <param name="Number">1, 2, 3 … without gaps.</param>
/// <param name="At">Microseconds since 1970, UTC, as stored: what is hashed is what is kept.</param>
/// <param name="Kind">See <see cref="AuditEntry"/>, as the three that follow.</param>
/// <param name="Previous">Hash of the record before; 64 zeros for the first.</param>
/// <param name="Hash">Over <paramref name="Previous"/> and everything else, see <see cref="AuditCodec"/>.</param>
internal sealed record AuditRecord(long Number, long At, string Kind, string By, string User, string Detail, string Previous, string Hash);
