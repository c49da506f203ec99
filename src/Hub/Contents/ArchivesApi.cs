using Hub.Contents.Archives;
using Microsoft.Net.Http.Headers;

namespace Hub.Contents;

/// <summary><c>files/{directory}?format=zip</c>: a directory with all that is in it, sent while it is read.</summary>
internal static class ArchivesApi
{
    public static async Task<IResult> GetAsync(HttpContext context, ContentCall call, string wanted, ArchiveTurns turns, TimeProvider time)
    {
        ArchiveFormat format = ArchiveFormat.Parse(wanted);
        using IDisposable turn = turns.Enter(call.UserId);
        CancellationToken gone = context.RequestAborted;
        string top = call.Path.IsRoot ? call.Home.UserName : call.Path.Name;
        using ArchiveSession session = await call.RunAsync(() => new ArchiveSession(call.Home, call.Path, top, call.Options), gone);
        await call.RunAsync(
            () =>
            {
                session.Check();
                return true;
            },
            gone);
        context.Response.ContentType = format.ContentType;
        ContentDispositionHeaderValue disposition = new("attachment");
        disposition.SetHttpFileName($"{top}.{format.Name}");
        context.Response.Headers.ContentDisposition = disposition.ToString();
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
            return Results.Empty;
        long begun = time.GetTimestamp();
        session.Begin(format, context.Response.BodyWriter);
        while (await call.RunAsync(session.Step, gone))
        {
            await context.Response.BodyWriter.FlushAsync(gone);
            gone.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(begun) > TimeSpan.FromSeconds(call.Options.MaxArchiveSeconds))
                throw new ContentException(ContentFailure.TooLarge, $"The archive took longer than Contents:MaxArchiveSeconds ({call.Options.MaxArchiveSeconds})");
        }
        return Results.Empty;
    }
}
