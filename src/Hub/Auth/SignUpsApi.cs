using Hub.Accounts;
using Hub.Events;
using Hub.Http;

namespace Hub.Auth;

/// <summary>What an administrator does about people who made an account and wait; ours, beyond JupyterHub's API.</summary>
internal sealed class SignUpsApi(SignUpsStore signUps, EventStream events, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/api/sign-ups", (SignUpsApi api, HttpContext context) => api.ListAsync(context)).RequireScope(Scope.AdminUsers);
        routes.MapPost("/hub/api/sign-ups/{name}", (SignUpsApi api, HttpContext context, string name) => api.ApproveAsync(context, name)).RequireScope(Scope.AdminUsers);
        routes.MapDelete("/hub/api/sign-ups/{name}", (SignUpsApi api, HttpContext context, string name) => api.RefuseAsync(context, name)).RequireScope(Scope.AdminUsers);
    }

    /// <summary><c>[{"name", "created"}]</c>, the longest waiting first.</summary>
    private async Task<IResult> ListAsync(HttpContext context) =>
        Results.Json((await signUps.ListAsync(context.RequestAborted)).Select(one => new { name = one.UserName, created = ApiTime.Format(one.Created) }));

    /// <summary>204: they can sign in now. 404 when nobody of the name waits.</summary>
    private async Task<IResult> ApproveAsync(HttpContext context, string name) =>
        await signUps.ApproveAsync(UserName.Normalise(name), context.RequestAborted) ? Results.NoContent() : NobodyWaits(name);

    /// <summary>204: the account is gone. 404 when nobody of the name waits.</summary>
    private async Task<IResult> RefuseAsync(HttpContext context, string name)
    {
        if (!await signUps.RefuseAsync(UserName.Normalise(name), context.RequestAborted))
            return NobodyWaits(name);
        await events.PublishAsync(new HubEvent.UserDeleted(time.GetUtcNow(), UserName.Normalise(name)));
        return Results.NoContent();
    }

    private static IResult NobodyWaits(string name) => ApiError.Hub(StatusCodes.Status404NotFound, $"Nobody called {name} waits");
}
