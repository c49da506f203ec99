using System.Reflection;
using Microsoft.AspNetCore.SignalR;

namespace Hub.Admin;

/// <summary>Lets a call through to <see cref="AdminFeed"/> only if the caller holds what the method asks for; one that asks for nothing is refused.</summary>
internal sealed class FeedScopeHandler : IHubFilter
{
    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        string name = invocationContext.HubMethod.GetCustomAttribute<FeedScopeAttribute>()?.Name
            ?? throw new HubException("This method states no scope.");
        return AdminFeed.CallerOf(invocationContext.Context).Scopes.Has(name)
            ? next(invocationContext)
            : throw new HubException($"Action is not authorized with current scopes; requires any of [{name}]");
    }
}
