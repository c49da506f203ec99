using System.Text.Encodings.Web;
using Hub.Contents.Archives;
using Hub.Contents.FileSystem;
using Hub.Contents.Saving;
using Hub.Http;
using Microsoft.Net.Http.Headers;

namespace Hub.Contents;

/// <summary>
/// <c>files/</c> and <c>view/</c> of a user's server: the bytes as they are. A page among them is shown in a sandbox: it may run scripts, but has no origin,
/// and so neither the cookies nor the rights of who looks at it. With <c>format</c> a directory comes as an archive.
/// </summary>
public static class FilesApi
{
    private const int Segments = 3;

    private const string SandboxPolicy = "sandbox allow-scripts; frame-ancestors 'self'";

    private const string ViewPolicy = "default-src 'none'; frame-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";

    public static void Map(RouteGroupBuilder userServer)
    {
        RouteGroupBuilder files = userServer.MapGroup("");
        files.AddEndpointFilter<RouteGroupBuilder, ContentErrorHandler>();
        files.MapMethods("/files/{**path}", [HttpMethods.Get, HttpMethods.Head], GetAsync);
        files.MapGet("/view/{**path}", ViewAsync);
    }

    private static async Task<IResult> GetAsync(HttpContext context, ContentCallHandler calls, ArchiveTurns archives, TimeProvider time)
    {
        ContentCall call = await calls.BeginAsync(context, Segments);
        call.RequireVisible();
        if (context.Request.Query["format"] is [.., { Length: > 0 } format])
            return await ArchivesApi.GetAsync(context, call, format, archives, time);
        (OpenedFile file, string type) = await call.RunAsync(root => Open(root, call.Path), context.RequestAborted);
        FileStatus status = file.Status;
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = SandboxPolicy;
        // A page that isolates its opener cannot be sandboxed at once: browsers refuse to show it.
        headers.Remove("Cross-Origin-Opener-Policy");
        headers.CacheControl = context.Request.Query.ContainsKey("v") ? "private, max-age=31536000, immutable" : "private, no-cache";
        bool asAttachment = call.Path.IsNotebook || context.Request.Query["download"] is [.., "1" or "true"];
        return Results.Stream(
            new FileBody(file, call),
            type,
            asAttachment ? call.Path.Name : null,
            status.Modified,
            EntityTagHeaderValue.Parse(FileTag.Of(status)),
            enableRangeProcessing: true);
    }

    private static async Task<IResult> ViewAsync(HttpContext context, ContentCallHandler calls)
    {
        ContentCall call = await calls.BeginAsync(context, Segments);
        call.RequireVisible();
        using (await call.RunAsync(root => root.OpenFile(call.Path), context.RequestAborted))
        {
        }
        string source = $"{context.Request.PathBase}{UserUrl.Of(context.Server())}files/{string.Join('/', call.Path.Segments.Select(Uri.EscapeDataString))}";
        HtmlEncoder html = HtmlEncoder.Default;
        context.Response.SetContentSecurityPolicy(ViewPolicy);
        return Results.Content(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{html.Encode(call.Path.Name)}</title>
            <style>html, body, iframe {"{ margin: 0; border: 0; width: 100%; height: 100%; display: block; }"}</style>
            </head>
            <body><iframe title="{html.Encode(call.Path.Name)}" src="{html.Encode(source)}" sandbox="allow-scripts"></iframe></body>
            </html>
            """,
            "text/html; charset=utf-8");
    }

    private static (OpenedFile File, string Type) Open(ContentRoot root, ContentPath path)
    {
        OpenedFile file = root.OpenFile(path);
        try
        {
            return (file, TypeOf(file, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>By name; where that says nothing, by a look at the beginning. Text is said to be UTF-8, but for HTML, which says itself what it is.</summary>
    private static string TypeOf(OpenedFile file, ContentPath path)
    {
        if (MimeTypes.Guess(path.Name) is { } known)
            return known.StartsWith("text/", StringComparison.Ordinal) && known != "text/html" ? known + "; charset=UTF-8" : known;
        byte[] beginning = new byte[8192];
        ReadOnlySpan<byte> seen = beginning.AsSpan(0, file.Read(beginning, 0));
        Utf8Check utf8 = default;
        return !seen.Contains((byte)0) && utf8.Add(seen) ? "text/plain; charset=UTF-8" : "application/octet-stream";
    }
}
