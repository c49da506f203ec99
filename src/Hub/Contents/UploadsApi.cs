using System.Text.Json;
using Hub.Contents.Saving;
using Hub.Http;

namespace Hub.Contents;

/// <summary><c>api/contents/{path}?upload=1</c>: how far an upload in pieces has come, so that it can go on after a cut; and its end, when it shall not.</summary>
internal static class UploadsApi
{
    public static bool IsMeant(HttpContext context) => context.Request.Query["upload"] is [.., "1"];

    public static async Task<IResult> GetAsync(HttpContext context, ContentCall call, UploadTurns turns)
    {
        bool withHash = context.Request.Query["hash"] is [.., "1"];
        UploadProgress progress = await call.RunAsync(root => UploadPieces.Find(root, call.Path, withHash), context.RequestAborted)
            ?? throw (turns.IsReceiving(call.UserId, call.Path) ? Busy(call) : Missing(call));
        context.Response.Headers.CacheControl = "no-store";
        return ContentsApi.Json(writer => Write(writer, call.Path, progress));
    }

    public static async Task<IResult> DeleteAsync(HttpContext context, ContentCall call, UploadTurns turns)
    {
        bool removed = await call.RunAsync(root => UploadPieces.Remove(root, call.Path), context.RequestAborted);
        if (!removed)
            throw turns.IsReceiving(call.UserId, call.Path) ? Busy(call) : Missing(call);
        turns.Abandon(call.UserId, call.Path);
        return Results.NoContent();
    }

    private static void Write(Utf8JsonWriter writer, ContentPath path, UploadProgress progress)
    {
        writer.WriteStartObject();
        writer.WriteString("path", path.Text);
        writer.WriteNumber("next_chunk", progress.Piece + 1);
        writer.WriteNumber("size", progress.Bytes);
        writer.WriteString("last_modified", ApiTime.Format(progress.LastModified));
        writer.WriteString("hash", progress.Hash);
        writer.WriteString("hash_algorithm", progress.Hash is null ? null : "sha256");
        writer.WriteEndObject();
    }

    private static ContentException Missing(ContentCall call) => new(ContentFailure.NotFound, $"No upload to '{call.Path}' is under way");

    private static ContentException Busy(ContentCall call) => new(ContentFailure.Busy, $"A piece of the upload to '{call.Path}' is being taken in this moment; ask again");
}
