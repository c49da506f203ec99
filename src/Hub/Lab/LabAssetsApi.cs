using Hub.Http;
using Microsoft.Net.Http.Headers;
using Web;

namespace Hub.Lab;

/// <summary>
/// Serves the bundle at one path for all users, already compressed, for ever: every name holds a hash of its content. The hub's own style sheet
/// and pictures lie beside it.
/// </summary>
public static class LabAssetsApi
{
    private const string Why = "The front end's code, the same for everybody; it holds no data.";
    internal const string Forever = "public, max-age=31536000, immutable";

    public static void Map(IEndpointRouteBuilder app)
    {
        // Some chunks are named after a scoped package and so lie in a folder: @jupyter-widgets/controls.….js
        app.MapMethods("/static/lab/{**file}", [HttpMethods.Get, HttpMethods.Head], (LabBundles bundles, HttpContext context) =>
        {
            string file = context.DecodedTail(2);
            return bundles.Find() is { } bundle && bundle.StaticFiles.Contains(file)
                ? Send(context, Path.Combine(bundle.Root, "static", file), Forever)
                : ApiError.Server(StatusCodes.Status404NotFound, $"The front end has no file {file}");
        }).Public(Why);
        app.MapMethods("/static/hub/{file}", [HttpMethods.Get, HttpMethods.Head], (string file, HttpContext context) =>
        {
            if (!WebAssets.All.TryGetValue(file, out WebAsset? asset))
                return ApiError.Server(StatusCodes.Status404NotFound, $"There is no file {file}");
            context.Response.Headers.CacheControl = Forever;
            return Results.Bytes(asset.Content, asset.ContentType);
        }).Public(Why);
        app.MapGet("/favicon.ico", () => Results.Bytes(WebAssets.Favicon.Content, WebAssets.Favicon.ContentType)).Public(Why);
    }

    /// <summary>What old links and the classic pages ask for below a user's server.</summary>
    public static void MapUser(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/static/favicons/{file}", (string file) =>
            Results.Bytes(
                (file.Contains("busy", StringComparison.Ordinal) ? WebAssets.FaviconBusy : WebAssets.Favicon).Content, WebAssets.Favicon.ContentType));
        userServer.MapMethods("/lab/api/themes/{**file}", [HttpMethods.Get, HttpMethods.Head], (LabBundles bundles, HttpContext context) =>
        {
            string file = context.DecodedTail(5);
            return bundles.Find() is { } bundle && bundle.ThemeFiles.Contains(file)
                ? Send(context, Path.Combine(bundle.Root, "themes", file), "no-cache")
                : ApiError.Server(StatusCodes.Status404NotFound, $"There is no theme file {file}");
        });
    }

    /// <summary>Sends <paramref name="file"/> or its compressed twin, whichever the client prefers.</summary>
    internal static IResult Send(HttpContext context, string file, string cacheControl)
    {
        string accepted = context.Request.Headers.AcceptEncoding.ToString();
        string sent = file;
        foreach ((string encoding, string ending) in new[] { ("br", ".br"), ("gzip", ".gz") })
        {
            if (Accepts(accepted, encoding) && File.Exists(file + ending))
            {
                sent = file + ending;
                context.Response.Headers.ContentEncoding = encoding;
                break;
            }
        }
        context.Response.Headers.CacheControl = cacheControl;
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        FileInfo info = new(sent);
        EntityTagHeaderValue tag = new($"\"{info.LastWriteTimeUtc.Ticks ^ info.Length:x}{Path.GetExtension(sent)}\"");
        return Results.File(sent, ContentTypeOf(file), entityTag: tag);
    }

    private static bool Accepts(string acceptEncoding, string encoding) =>
        StringWithQualityHeaderValue.TryParseList([acceptEncoding], out IList<StringWithQualityHeaderValue>? wanted)
        && wanted.Any(one => one.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);

    private static string ContentTypeOf(string file) => Path.GetExtension(file) switch
    {
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".json" or ".map" => "application/json",
        ".woff2" => "font/woff2",
        ".woff" => "font/woff",
        ".ttf" => "font/ttf",
        ".png" => "image/png",
        ".gif" => "image/gif",
        ".wasm" => "application/wasm",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
}
