using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Classes;

/// <summary>Classes on the API.</summary>
internal static class ClassModels
{
    /// <param name="origin">Scheme, host and base path of the hub as the asker knows it, without a slash at its end.</param>
    /// <param name="managed">Whoever asks manages the class, and so may see its code.</param>
    public static JsonObject Of(Class one, string origin, bool managed, DateTimeOffset now)
    {
        var model = new JsonObject
        {
            ["kind"] = "class",
            ["id"] = one.Id,
            ["name"] = one.Name,
            ["folder"] = one.Folder,
            ["group"] = one.Group,
            ["environment"] = one.Environment.Length > 0 ? one.Environment : null,
            ["limits"] = new JsonObject { ["max_kernels"] = one.Limits.MaxKernels, ["memory_bytes"] = one.Limits.MemoryBytes, ["cpus"] = one.Limits.Cpus, ["idle_seconds"] = (long?)one.Limits.IdleAfter?.TotalSeconds },
            ["ready_kernels"] = one.ReadyKernels,
            ["home_quota_bytes"] = one.HomeQuotaBytes,
            ["opens"] = Time(one.Opens),
            ["closes"] = Time(one.Closes),
            ["capacity"] = one.Capacity,
            ["guests"] = one.Guests,
            ["teachers"] = new JsonArray([.. one.Teachers.Select(teacher => JsonValue.Create(teacher))]),
            ["students"] = one.Students,
            ["created"] = Time(one.Created),
            ["ended"] = Time(one.Ended),
        };
        if (!managed)
            return model;
        model["materials"] = one.MaterialsUser.Length > 0 ? new JsonObject { ["user"] = one.MaterialsUser, ["path"] = one.MaterialsPath } : null;
        model["code"] = CodeOf(one.Code, origin, now);
        return model;
    }

    public static JsonObject CodeOf(ClassCode code, string origin, DateTimeOffset now) => new()
    {
        ["code"] = code.Code,
        ["url"] = origin + JoinPages.PathOf(code.Code),
        ["good"] = code.IsGood(now),
        ["closed"] = code.Closed,
        ["expires_at"] = Time(code.ExpiresAt),
        ["max_uses"] = code.MaxUses,
        ["uses"] = code.Uses,
    };

    public static JsonObject Of(ClassMember member) => new()
    {
        ["kind"] = "class-member",
        ["name"] = member.UserName,
        ["display_name"] = member.DisplayName,
        ["guest"] = member.Guest,
        ["role"] = member.Teacher ? "teacher" : "student",
        ["reached"] = member.Reached,
        ["joined"] = Time(member.Joined),
        ["folder"] = member.Folder.Length > 0 ? member.Folder : null,
        ["handed_out"] = Time(member.HandedOut),
    };

    private static string? Time(DateTimeOffset? at) => at is { } known ? ApiTime.Format(known) : null;
}
