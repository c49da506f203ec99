using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Hub.Storage;

namespace Hub.Events.Audit;

/// <summary>
/// The chain. A record's hash is SHA-256, in lower-case hexadecimal, over
/// <code>previous hash (64 digits) LF canonical bytes</code>
/// and its canonical bytes are the UTF-8 of the JSON array <c>[number, microseconds, kind, by, user, detail]</c>, written without spaces and with everything
/// but ASCII letters, digits and plain signs escaped as <c>\uXXXX</c>. So no record can be changed, removed or put in between without changing all that follow.
/// </summary>
internal static class AuditCodec
{
    /// <summary>What stands before the first record.</summary>
    public static readonly string Beginning = new('0', 64);

    public static AuditRecord Append(AuditEntry entry, long lastNumber, string lastHash)
    {
        AuditRecord record = new(lastNumber + 1, StoredTime.ToStored(entry.At), entry.Kind, entry.By, entry.User, entry.Detail, lastHash, "");
        return record with { Hash = HashOf(record) };
    }

    public static string HashOf(AuditRecord record)
    {
        string canonical = JsonSerializer.Serialize(new object[] { record.Number, record.At, record.Kind, record.By, record.User, record.Detail });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record.Previous + "\n" + canonical)));
    }

    /// <summary>What is wrong with <paramref name="record"/> behind <paramref name="before"/>; null when nothing is.</summary>
    public static string? Problem(AuditRecord? before, AuditRecord record)
    {
        if (before is null && (record.Number != 1 || record.Previous != Beginning))
            return $"the chain should begin with record 1, and begins with record {record.Number}: earlier ones are gone";
        if (before is not null && record.Number != before.Number + 1)
            return $"record {before.Number + 1} is missing";
        if (before is not null && record.Previous != before.Hash)
            return $"record {record.Number} does not follow the one before: one of the two was changed";
        return OwnProblem(record);
    }

    /// <summary>What is wrong with the record alone, whatever stood before it.</summary>
    public static string? OwnProblem(AuditRecord record) =>
        HashOf(record) == record.Hash ? null : $"record {record.Number} was changed";
}
