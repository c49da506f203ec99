namespace Hub.Http;

/// <summary>While the hub stops, no new WebSocket is opened: it would be cut in a moment, and would hold the stop up until then. Pages try again by themselves.</summary>
public sealed class StoppingMiddleware(RequestDelegate next, IHostApplicationLifetime lifetime)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest || !lifetime.ApplicationStopping.IsCancellationRequested)
            return next(context);
        context.Response.Headers.Connection = "close";
        context.Response.Headers.RetryAfter = "1";
        return ErrorAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The hub is stopping. Kernels run on.");
    }
}
