using System.Collections.Concurrent;
using Hub.Events;
using Hub.Http;

namespace Hub.Accounts;

/// <summary>
/// Tells the audit what somebody did with rights over others: every change an administrator's token asks for, every change to what is another user's, and,
/// once in ten minutes, that somebody is at work in another user's server.
/// </summary>
internal sealed class AuditMiddleware(RequestDelegate next, EventStream events, TimeProvider time)
{
    /// <summary>Whoever is in another's server is told once in this time, not for each file and message.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMinutes(10);

    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string By, string Server, string? Token), DateTimeOffset> _told = new();

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.FindCaller() is not { } caller || context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is null)
        {
            await next(context);
            return;
        }
        string user = context.GetRouteValue("user") as string ?? "";
        bool isOthers = user.Length > 0 && user != caller.UserName;
        if (isOthers && context.Request.Path.StartsWithSegments("/user"))
        {
            if (IsNews(caller, $"{user}/{context.ServerName()}"))
                await TellAsync(context, caller, user);
            await next(context);
            return;
        }
        await next(context);
        bool changes = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method);
        if (changes && (isOthers || (caller.Admin && caller.ByToken)))
            await TellAsync(context, caller, user);
    }

    private bool IsNews(Caller caller, string server)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_told.TryGetValue((caller.UserName, server, caller.TokenId), out DateTimeOffset last) && now - last < s_again)
            return false;
        if (_told.Count >= MostRemembered)
            _told.Clear(); // told once too often rather than not
        _told[(caller.UserName, server, caller.TokenId)] = now;
        return true;
    }

    private async Task TellAsync(HttpContext context, Caller caller, string user) => await events.PublishAsync(new HubEvent.ActedForOther(
        time.GetUtcNow(), user, context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "", context.Response.StatusCode, caller.TokenId)
    {
        By = caller.UserName,
        ServerName = context.ServerName(),
    });
}
