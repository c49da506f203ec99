using Hub.Accounts;
using Hub.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hub.Servers;

/// <summary>
/// Before the route is chosen: a request to <c>/user/{user}/{server}/…</c>, where the user has a server of that name, goes on as one to <c>/user/{user}/…</c> that knows
/// its server. For everybody without named servers this is one look at a number.
/// </summary>
public sealed class NamedServerMiddleware(RequestDelegate next, ServerRegistry servers)
{
    private readonly Func<string, string, bool> _isServer = (user, name) => servers.Has(new ServerKey(UserName.Normalise(user), name));

    public Task InvokeAsync(HttpContext context)
    {
        if (servers.HasNamed && context.Request.Path.Value is { } path)
        {
            string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            if (NamedPathPolicy.Find(path, RawPath.PathOf(target), _isServer) is { } named)
                context.Enter(named);
        }
        return next(context);
    }
}
