using Hub.Accounts;
using Hub.Events;
using Hub.Http;

namespace Hub.Auth;

/// <summary>Where somebody is signed in, for administrators; ours, beyond JupyterHub's API.</summary>
internal sealed class SignInsApi(SignInsStore signIns, AccountsStore accounts, CallerWatch watch, EventStream events, TimeProvider time)
{
    private const string Path = "/hub/api/users/{user}/sign-ins";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (SignInsApi api, HttpContext context, string user) => api.ListAsync(context, user)).RequireScope(Scope.AdminUsers, ScopeFilter.User);
        routes.MapDelete(Path + "/{id}", (SignInsApi api, HttpContext context, string user, string id) => api.EndAsync(context, user, id))
            .RequireScope(Scope.AdminUsers, ScopeFilter.User);
    }

    /// <summary><c>[{"id", "created", "last_activity", "expires_at", "address", "browser"}]</c>, the newest first.</summary>
    private async Task<IResult> ListAsync(HttpContext context, string user)
    {
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } whose)
            return NoSuchUser(user);
        return Results.Json((await signIns.ListAsync(whose.Id, context.RequestAborted)).Select(one => new
        {
            id = one.Id,
            created = ApiTime.Format(one.Created),
            last_activity = ApiTime.Format(one.LastActivity),
            expires_at = ApiTime.Format(one.ExpiresAt),
            address = one.Place.Address,
            browser = one.Place.Browser,
        }));
    }

    /// <summary>204: what is open by it closes, too. 404 when the user has no such sign-in.</summary>
    private async Task<IResult> EndAsync(HttpContext context, string user, string id)
    {
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } whose)
            return NoSuchUser(user);
        if (SignIn.NumberOf(id) is not { } number || !await signIns.EndAsync(whose.Id, number, context.RequestAborted))
            return ApiError.Hub(StatusCodes.Status404NotFound, $"{user} has no sign-in {id}");
        watch.EndSignIn(id);
        await events.PublishAsync(new HubEvent.SignedOut(time.GetUtcNow(), whose.Name) { By = context.GetCaller().UserName });
        return Results.NoContent();
    }

    private static IResult NoSuchUser(string user) => ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");
}
