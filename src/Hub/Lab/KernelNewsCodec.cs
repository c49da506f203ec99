using System.Text.Json;
using Hub.Events;
using Hub.Http;

namespace Hub.Lab;

/// <summary>Events of kernels, of files and of the class as the hub's front-end extension reads them on Jupyter's event stream: one flat JSON object with its <c>schema_id</c>.</summary>
internal static class KernelNewsCodec
{
    public const string StartSchema = "urn:notebook-hub:kernel-start:v1";
    public const string DiedSchema = "urn:notebook-hub:kernel-died:v1";

    /// <summary>The hub is about to stop a kernel; without a time, what was told so is taken back.</summary>
    public const string EndingSchema = "urn:notebook-hub:kernel-ending:v1";

    /// <summary>How much of its limit the user's home holds.</summary>
    public const string HomeSchema = "urn:notebook-hub:home-usage:v1";

    /// <summary>Jupyter Server's own schema for what happens to files.</summary>
    public const string ContentsSchema = "https://events.jupyter.org/jupyter_server/contents_service/v1";

    /// <summary>Something changed in the user's class; what, the page asks for: so it misses nothing, however long it was away.</summary>
    public const string FloorSchema = "urn:notebook-hub:class-floor:v1";

    /// <summary>Does this event concern pages of this server? What is about the person concerns the pages of all their servers.</summary>
    public static bool IsNewsFor(HubEvent happened, ServerKey server) => happened switch
    {
        HubEvent.ClassTold told => told.To.Contains(server.UserName),
        HubEvent.ClassClosed closed => closed.To.Contains(server.UserName),
        HubEvent.KernelStarting or HubEvent.KernelReady or HubEvent.KernelStartFailed or HubEvent.KernelEnding or HubEvent.KernelDied => Concerns(happened, server),
        HubEvent.HandMoved or HubEvent.HomeUsage or HubEvent.ContentsChanged => happened.UserName == server.UserName,
        HubEvent.VisitChanged visit => visit.ConcernsPage && visit.UserName == server.UserName,
        _ => false,
    };

    /// <summary>UTF-8 of one text frame; null for events that concern no page.</summary>
    public static byte[]? Encode(HubEvent happened) => happened switch
    {
        HubEvent.KernelStarting one => Write(new StartNews(StartSchema, one.KernelId, one.KernelName, one.Path, "starting", one.Percent, one.Message, "")),
        HubEvent.KernelReady one => Write(new StartNews(StartSchema, one.KernelId, one.KernelName, one.Path, "ready", 100, "", "")),
        HubEvent.KernelStartFailed one => Write(new StartNews(StartSchema, one.KernelId, one.KernelName, one.Path, "failed", 100, one.Message, one.Cause)),
        HubEvent.KernelDied one => Write(new DeathNews(DiedSchema, one.KernelId, one.KernelName, one.Path, one.Cause, one.Message)),
        HubEvent.KernelEnding one => Write(new EndingNews(EndingSchema, one.KernelId, one.KernelName, one.Path, one.Cause, one.EndsAt is { } at ? ApiTime.Format(at) : null, one.Message, (int)one.KeepFor.TotalSeconds)),
        HubEvent.HomeUsage one => Write(new HomeNews(HomeSchema, one.UsedBytes, one.LimitBytes, one.Level)),
        HubEvent.ContentsChanged one => Write(new ContentsNews(ContentsSchema, "1", one.Action, one.Path, one.SourcePath)),
        HubEvent.ClassTold told => Write(new FloorNews(FloorSchema, told.ClassId, told.What)),
        HubEvent.ClassClosed closed => Write(new FloorNews(FloorSchema, closed.ClassId, "closed")),
        HubEvent.HandMoved hand => Write(new FloorNews(FloorSchema, hand.ClassId, "hand")),
        HubEvent.VisitChanged visit => Write(new FloorNews(FloorSchema, visit.ClassId, "visit")),
        _ => null,
    };

    /// <summary>Did it happen in this server?</summary>
    public static bool Concerns(HubEvent happened, ServerKey server) => happened.UserName == server.UserName && happened.ServerName == server.Name;

    private static byte[] Write<T>(T news) => JsonSerializer.SerializeToUtf8Bytes(news, ApiJson.Options);

    private sealed record StartNews(
        string SchemaId, string KernelId, string KernelName, string Path, string State, int Progress, string Message, string Cause);

    private sealed record FloorNews(string SchemaId, long ClassId, string What);

    private sealed record EndingNews(string SchemaId, string KernelId, string KernelName, string Path, string Cause, string? EndsAt, string Message, int KeepSeconds);

    private sealed record HomeNews(string SchemaId, long UsedBytes, long LimitBytes, string Level);

    private sealed record ContentsNews(string SchemaId, string Version, string Action, string Path, string? SourcePath);

    private sealed record DeathNews(string SchemaId, string KernelId, string KernelName, string Path, string Cause, string Message);
}
