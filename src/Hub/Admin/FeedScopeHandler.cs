using System.Reflection;
using Microsoft.AspNetCore.SignalR;

namespace Hub.Admin;

/// <summary>
/// Lets a call through to <see cref="AdminFeed"/> only if the caller holds what the method asks for; one that asks for nothing is refused. A refusal is
/// answered and not thrown: whatever is thrown, SignalR logs as an error of the hub.
/// </summary>
internal sealed class FeedScopeHandler : IHubFilter
{
    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next) =>
        WhyNot(invocationContext) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(invocationContext);

    private static string? WhyNot(HubInvocationContext context) => context.HubMethod.GetCustomAttribute<FeedScopeAttribute>()?.Name switch
    {
        null => "This method states no scope.",
        var name when !AdminFeed.CallerOf(context.Context).Scopes.Has(name) => $"Action is not authorized with current scopes; requires any of [{name}]",
        _ => null,
    };
}
