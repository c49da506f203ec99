using System.Text.Encodings.Web;
using System.Text.Json;

namespace Hub.Events.Audit;

/// <summary>Something the audit keeps, before it has its place in the chain.</summary>
/// <param name="Kind">Such as <c>token-created</c>; docs/guides/audit.md lists them.</param>
/// <param name="By">Who did it; the hub itself where empty.</param>
/// <param name="User">Whom it concerns; empty when it concerns the hub.</param>
/// <param name="Detail">A JSON object, never with a secret or output in it, and with code only where the operator asked for it (Audit:Cells).</param>
internal sealed record AuditEntry(DateTimeOffset At, string Kind, string By, string User, string Detail)
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null for what is not audited, such as the progress of a start.</summary>
    public static AuditEntry? Of(HubEvent happened) => happened switch
    {
        HubEvent.SignedIn one => Of(one, "sign-in", one.UserName, Address(one)),
        HubEvent.SignInFailed one => Of(one, "sign-in-failed", "", Address(one)),
        HubEvent.SignedOut one => Of(one, "sign-out", one.By.Length > 0 ? one.By : one.UserName),
        HubEvent.SignUpApproved one => Of(one, "sign-up-approved", one.By),
        HubEvent.SignUpRefused one => Of(one, "sign-up-refused", one.By, ("reason", one.Reason.Length > 0 ? one.Reason : null)),
        HubEvent.TwoStepChanged one => Of(one, "two-step-" + one.What, one.By),
        HubEvent.CellRan one => Of(one, "cell", one.By, ("kernel", one.KernelId), ("path", one.Path), ("cell", one.CellId), ("hash", one.Hash), ("text", one.Text)),
        HubEvent.PasswordChanged one => Of(one, "password-changed", one.By),
        HubEvent.UserCreated one => Of(one, "user-created", one.By, ("admin", one.Admin)),
        HubEvent.UserChanged one => Of(one, "user-changed", one.By, ("name", one.NewName), ("admin", one.Admin), ("disabled", one.Disabled)),
        HubEvent.UserDeleted one => Of(one, "user-deleted", one.By),
        HubEvent.GroupChanged one => Of(one, "group-" + one.What, one.By, ("group", one.Group), ("users", one.Users)),
        HubEvent.TokenCreated one => Of(one, "token-created", one.By, ("token", one.TokenId), ("scopes", one.Scopes)),
        HubEvent.TokenRevoked one => Of(one, "token-revoked", one.By, ("token", one.TokenId)),
        HubEvent.ActedForOther one => Of(one, "acted", one.By, ("method", one.Method), ("route", one.Route), ("status", one.Status), ("token", one.TokenId), Server(one)),
        HubEvent.ClassCreated one => Of(one, "class-created", one.By, ("class", one.ClassId)),
        HubEvent.ClassChanged one => Of(one, "class-changed", one.By, ("class", one.ClassId), ("what", one.What)),
        HubEvent.ClassJoined one => Of(one, "class-joined", one.By, ("class", one.ClassId), ("guest", one.Guest)),
        HubEvent.ClassClosed one => Of(one, "class-closed", one.By, ("class", one.ClassId)),
        HubEvent.ClassEnded one => Of(one, "class-ended", one.By, ("class", one.ClassId), ("guests", one.Guests)),
        HubEvent.ClassDeleted one => Of(one, "class-deleted", one.By, ("class", one.ClassId)),
        HubEvent.ClassTold one => Of(one, "class-told", one.By, ("class", one.ClassId), ("number", one.MessageId), ("what", one.What)),
        HubEvent.VisitChanged one => Of(one, "visit", one.By, ("class", one.ClassId), ("visit", one.VisitId), ("role", one.Role), ("what", one.What)),
        HubEvent.ServerShared one => Of(one, "share-granted", one.By, ("server", one.Server), ("with", one.With), ("scopes", one.Scopes)),
        HubEvent.ShareRevoked one => Of(one, "share-revoked", one.By, ("server", one.Server), ("with", one.With), ("scopes", one.Scopes)),
        HubEvent.ShareCodeCreated one => Of(one, "share-code-created", one.By, ("server", one.Server), ("code", one.CodeId), ("scopes", one.Scopes)),
        HubEvent.ShareCodeRevoked one => Of(one, "share-code-revoked", one.By, ("server", one.Server), ("code", one.CodeId)),
        HubEvent.NamedServerChanged one => Of(one, "server-" + one.What, one.By, Server(one), ("name", one.NewName)),
        HubEvent.EnvironmentChanged one => Of(one, "environment-" + one.What, one.By, ("environment", one.Environment), ("image", one.Image)),
        HubEvent.ServerStarted one => Of(one, "server-started", one.By, Server(one)),
        HubEvent.ServerStopped one => Of(one, "server-stopped", one.By, Server(one)),
        HubEvent.KernelReady one => Of(one, "kernel-started", one.By, ("kernel", one.KernelId), ("spec", one.KernelName), Server(one)),
        HubEvent.KernelStartFailed one => Of(one, "kernel-start-failed", one.By, ("kernel", one.KernelId), ("spec", one.KernelName), ("cause", one.Cause), Server(one)),
        HubEvent.KernelDied one => Of(one, "kernel-died", one.By, ("kernel", one.KernelId), ("spec", one.KernelName), ("cause", one.Cause), Server(one)),
        HubEvent.HomeUsage { Level: "full", Before: not "full" } one => Of(one, "home-full", one.By, ("used", one.UsedBytes), ("limit", one.LimitBytes)),
        HubEvent.KernelStopped one => Of(one, "kernel-stopped", one.By, ("kernel", one.KernelId), ("spec", one.KernelName), Server(one)),
        HubEvent.TerminalStarted one => Of(one, "terminal-started", one.By, ("terminal", one.Terminal), ("spec", one.Environment), Server(one)),
        HubEvent.TerminalEnded one => Of(one, "terminal-ended", one.By, ("terminal", one.Terminal), ("spec", one.Environment), ("cause", one.Cause), Server(one)),
        _ => null,
    };

    /// <summary>Something of the hub itself.</summary>
    public static AuditEntry OfHub(DateTimeOffset at, string kind, params (string Key, object? Value)[] detail) => new(at, kind, "", "", Write(detail));

    private static AuditEntry Of(HubEvent happened, string kind, string by, params (string Key, object? Value)[] detail) =>
        new(happened.At, kind, by, happened.UserName, Write(detail));

    private static (string Key, object? Value) Address(HubEvent happened) => ("address", happened.Address.Length > 0 ? happened.Address : null);

    private static (string Key, object? Value) Server(HubEvent happened) => ("server", happened.ServerName.Length > 0 ? happened.ServerName : null);

    private static string Write((string Key, object? Value)[] detail) =>
        JsonSerializer.Serialize(detail.Where(one => one.Value is not null).ToDictionary(one => one.Key, one => one.Value), s_options);
}
