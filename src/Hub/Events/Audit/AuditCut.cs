using System.Text.Json;

namespace Hub.Events.Audit;

/// <summary>What a record <c>cut</c> says: everything up to a number was removed after <c>Audit:KeepDays</c>.</summary>
/// <param name="Through">Number of the last record that was removed.</param>
/// <param name="Hash">Its hash: what the first that is left must name as the one before.</param>
/// <param name="Seal">See <see cref="AuditSeal"/>.</param>
internal sealed record AuditCut(long Through, string Hash, string Seal)
{
    public const string Kind = "cut";

    /// <summary>Null when the record is none, or its detail is not understood.</summary>
    public static AuditCut? Of(AuditRecord record)
    {
        if (record.Kind != Kind)
            return null;
        try
        {
            using JsonDocument detail = JsonDocument.Parse(record.Detail);
            JsonElement root = detail.RootElement;
            return new AuditCut(root.GetProperty("through").GetInt64(), root.GetProperty("hash").GetString() ?? "", root.GetProperty("seal").GetString() ?? "");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
