using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Web.Pages;

namespace Hub.Http;

/// <summary>Writes an error in the form the asker understands: one of the two JSON shapes, or a page for people.</summary>
public static class ErrorAnswer
{
    /// <summary>
    /// Browsers that navigate (GET or a sent form with <c>Accept: text/html</c>, no API path) get a page; <c>/hub/api</c> gets JupyterHub's shape, everything else
    /// Jupyter Server's.
    /// </summary>
    public static ApiShape ShapeOf(HttpRequest request)
    {
        PathString path = request.Path;
        if (path.StartsWithSegments("/hub/api"))
            return ApiShape.Hub;
        if (request.IsApiLike() && !IsForm(request))
            return path.StartsWithSegments("/hub") ? ApiShape.Hub : ApiShape.Server;
        return ApiShape.Page;
    }

    /// <summary>No person is looking: not a GET, an <c>/api/</c> path, a WebSocket, or nobody who accepts HTML.</summary>
    public static bool IsApiLike(this HttpRequest request) =>
        !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        || $"{request.Path.Value}/".Contains("/api/", StringComparison.Ordinal)
        || !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static bool IsForm(HttpRequest request) =>
        request.HasFormContentType && !$"{request.Path.Value}/".Contains("/api/", StringComparison.Ordinal) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

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
            _ => Page(context, status, message),
        };
        await answer.ExecuteAsync(context);
    }

    /// <summary>A page without a personal frame: who is asking may be what went wrong.</summary>
    private static RazorComponentResult<MessagePage> Page(HttpContext context, int status, string message)
    {
        PageFrame frame = new("");
        MessageView view = status switch
        {
            StatusCodes.Status404NotFound when message == "Not Found" => MessageView.NotFound(frame, context.AddressedPath().Value ?? "/"),
            StatusCodes.Status403Forbidden => MessageView.Forbidden(frame, message),
            StatusCodes.Status500InternalServerError => MessageView.Failure(frame, "The hub could not do this.", context.TraceIdentifier),
            _ => new MessageView(frame, ReasonPhrases.GetReasonPhrase(status), message, [], [], [new PageLink("Go to your home page", frame.Home)], status),
        };
        context.Response.SetContentSecurityPolicy(SecurityHeadersMiddleware.PagePolicy);
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<MessagePage>(new { View = view }) { StatusCode = status, PreventStreamingRendering = true };
    }
}
