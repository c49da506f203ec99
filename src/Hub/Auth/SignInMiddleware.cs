using Hub.Accounts;
using Hub.Http;

namespace Hub.Auth;

/// <summary>
/// Finds the caller by the sign-in cookie, unless the request named itself by a token; and ends a WebSocket, or an answer that stays open, at the moment
/// its caller's right ends, by signing out, revoking or running out.
/// </summary>
internal sealed class SignInMiddleware(RequestDelegate next, CookieHandler cookies, CallerWatch watch, TimeProvider time)
{
    /// <summary>Longest time a timer can wait; who is connected longer is asked again when they reconnect.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    public async Task InvokeAsync(HttpContext context)
    {
        if (!TokenMiddleware.IsPresented(context))
            await cookies.FindAsync(context);
        bool staysOpen = context.WebSockets.IsWebSocketRequest || context.GetEndpoint()?.Metadata.GetMetadata<LongAnswer>() is not null;
        if (!staysOpen || context.FindCaller() is not { } caller)
        {
            await next(context);
            return;
        }
        bool ended = false;
        void End()
        {
            Volatile.Write(ref ended, true);
            context.Abort();
        }

        using IDisposable watched = watch.Watch(caller, End);
        TimeSpan left = caller.Until is { } until ? until - time.GetUtcNow() : Timeout.InfiniteTimeSpan;
        await using ITimer atEnd = time.CreateTimer(_ => End(), null, left > LongestTimer ? LongestTimer : left, Timeout.InfiniteTimeSpan);
        try
        {
            await next(context);
        }
        catch (Exception) when (Volatile.Read(ref ended))
        {
            // The connection was cut on purpose; whatever the socket's owner made of it is no failure.
        }
    }
}
