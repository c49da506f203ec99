using Hub.Accounts;
using Hub.Http;

namespace Hub.Auth.TwoStep;

/// <summary>What an administrator does for somebody who lost phone and recovery codes; ours, beyond JupyterHub's API.</summary>
internal sealed class TwoStepApi(TwoStepSignIn twoStep, AccountsStore accounts)
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete("/hub/api/users/{user}/totp", (TwoStepApi api, HttpContext context, string user) => api.ResetAsync(context, user))
            .RequireScope(Scope.AdminUsers, ScopeFilter.User);

    /// <summary>204: the next sign-in asks for the password only. 404 when it was not on.</summary>
    private async Task<IResult> ResetAsync(HttpContext context, string user)
    {
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } whose)
            return ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}");
        if (whose.Admin && !context.GetCaller().Admin)
            return ApiError.Hub(StatusCodes.Status403Forbidden, "Only admins can reset the second factor of an admin");
        return await twoStep.TurnOffAsync(whose, context.GetCaller().UserName, context.RequestAborted)
            ? Results.NoContent()
            : ApiError.Hub(StatusCodes.Status404NotFound, $"{user} has no two-step sign-in");
    }
}
