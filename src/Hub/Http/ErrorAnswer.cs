using System.Text.Encodings.Web;

namespace Hub.Http;

/// <summary>Writes an error in the form the asker understands: one of the two JSON shapes, or a page for people.</summary>
public static class ErrorAnswer
{
    /// <summary>
    /// Browsers that navigate (GET with <c>Accept: text/html</c>, no API path) get a page; <c>/hub/api</c> gets JupyterHub's shape, everything else
    /// Jupyter Server's.
    /// </summary>
    public static ApiShape ShapeOf(HttpRequest request)
    {
        PathString path = request.Path;
        if (path.StartsWithSegments("/hub/api"))
            return ApiShape.Hub;
        if (request.IsApiLike())
            return path.StartsWithSegments("/hub") ? ApiShape.Hub : ApiShape.Server;
        return ApiShape.Page;
    }

    /// <summary>No person is looking: not a GET, an <c>/api/</c> path, a WebSocket, or nobody who accepts HTML.</summary>
    public static bool IsApiLike(this HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        || $"{request.Path.Value}/".Contains("/api/", StringComparison.Ordinal)
        || !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Replaces whatever was to be answered; does nothing once the answer has begun.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string message, string? reason = null)
    {
        if (context.Response.HasStarted)
            return;
        context.Response.Headers.Remove("Content-Length");
        context.Response.Headers.Remove("Content-Encoding");
        IResult answer = ShapeOf(context.Request) switch
        {
            ApiShape.Hub => ApiError.Hub(status, message),
            ApiShape.Server => ApiError.Server(status, message, reason),
            _ => Results.Content(Page(status, message), "text/html; charset=utf-8", statusCode: status),
        };
        await answer.ExecuteAsync(context);
    }

    private static string Page(int status, string message) =>
        $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{status}</title><h1>{status}</h1><p>{HtmlEncoder.Default.Encode(message)}</p>";
}
