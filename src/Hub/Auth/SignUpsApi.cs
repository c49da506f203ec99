using Hub.Accounts;
using Hub.Events;
using Hub.Http;

namespace Hub.Auth;

/// <summary>What an administrator does about people who made an account and wait; ours, beyond JupyterHub's API.</summary>
internal sealed class SignUpsApi(SignUpsStore signUps, EventStream events, TimeProvider time)
{
    private const int MaxReason = 500;

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
    private async Task<IResult> ApproveAsync(HttpContext context, string name)
    {
        string user = UserName.Normalise(name);
        if (!await signUps.ApproveAsync(user, context.RequestAborted))
            return NobodyWaits(name);
        await events.PublishAsync(new HubEvent.SignUpApproved(time.GetUtcNow(), user) { By = context.GetCaller().UserName });
        return Results.NoContent();
    }

    /// <summary><c>{"reason"?}</c>, for the audit. 204: the account is gone. 404 when nobody of the name waits.</summary>
    private async Task<IResult> RefuseAsync(HttpContext context, string name)
    {
        string user = UserName.Normalise(name);
        string by = context.GetCaller().UserName;
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("reason");
        string reason = body.Text("reason") ?? "";
        if (reason.Length > MaxReason || reason.Any(char.IsControl))
            return ApiError.Hub(StatusCodes.Status400BadRequest, $"reason must be one line of at most {MaxReason} characters");
        if (!await signUps.RefuseAsync(user, context.RequestAborted))
            return NobodyWaits(name);
        await events.PublishAsync(new HubEvent.SignUpRefused(time.GetUtcNow(), user, reason) { By = by });
        await events.PublishAsync(new HubEvent.UserDeleted(time.GetUtcNow(), user) { By = by });
        return Results.NoContent();
    }

    private static IResult NobodyWaits(string name) => ApiError.Hub(StatusCodes.Status404NotFound, $"Nobody called {name} waits");
}
