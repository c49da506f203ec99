using Microsoft.Extensions.Options;

namespace Hub.Http;

/// <summary>
/// While the hub stops, no new WebSocket is opened: it would be cut in a moment, and would hold the stop up until then. Pages try again by themselves.
/// Other requests are finished, within <see cref="HttpOptions.DrainSeconds"/>: a download must not keep the next hub from starting.
/// </summary>
public sealed class StoppingMiddleware : IDisposable
{
    private readonly RequestDelegate _next;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly CancellationToken _leaving;
    private readonly CancellationTokenSource _cut;

    public StoppingMiddleware(RequestDelegate next, IHostApplicationLifetime lifetime, ListeningSockets sockets, IOptions<HttpOptions> options, TimeProvider time)
    {
        (_next, _lifetime, _leaving) = (next, lifetime, sockets.Leaving);
        _cut = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        lifetime.ApplicationStopping.Register(() => _cut.CancelAfter(TimeSpan.FromSeconds(options.Value.DrainSeconds)));
    }

    public void Dispose() => _cut.Dispose();

    public async Task InvokeAsync(HttpContext context)
    {
        // The next request shall come on a new connection, which the next hub takes; this one would be cut.
        if (_leaving.IsCancellationRequested && !context.WebSockets.IsWebSocketRequest)
            context.Response.Headers.Connection = "close";
        if (context.WebSockets.IsWebSocketRequest && _lifetime.ApplicationStopping.IsCancellationRequested)
        {
            context.Response.Headers.Connection = "close";
            context.Response.Headers.RetryAfter = "1";
            await ErrorAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The hub is stopping. Kernels run on.");
            return;
        }
        using CancellationTokenRegistration cut = _cut.Token.UnsafeRegister(static request => ((HttpContext)request!).Abort(), context);
        await _next(context);
    }
}
