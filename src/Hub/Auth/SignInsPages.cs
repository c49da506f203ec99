using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Web.Pages;

namespace Hub.Auth;

/// <summary>"Signed in here and there": ending one's own sign-ins, listed on the page of the password.</summary>
internal sealed class SignInsPages(SignInsStore signIns, CallerWatch watch, EventStream events, TimeProvider time)
{
    private const string Path = "/hub/password/sign-ins";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(Path + "/{id}/end", (SignInsPages pages, HttpContext context, string id) => pages.EndAsync(context, id)).RequireScope(Scope.ReadUsersName, ScopeFilter.Any);

    public static SignInRow Row(SignIn one, string? here) =>
        new(one.Place.Browser, one.Place.Address, one.Created, one.LastActivity, one.Id == here, $"{Path}/{one.Id}/end");

    /// <summary>One that has ended already, or is somebody else's, changes nothing and looks the same.</summary>
    private async Task<IResult> EndAsync(HttpContext context, string id)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return ApiError.Hub(StatusCodes.Status403Forbidden, "Sign-ins are ended at the page, not by a token.");
        if (SignIn.NumberOf(id) is { } number && await signIns.EndAsync(caller.UserId, number, context.RequestAborted))
        {
            watch.EndSignIn(id);
            await events.PublishAsync(new HubEvent.SignedOut(time.GetUtcNow(), caller.UserName) { By = caller.UserName });
        }
        context.Response.Headers.Location = "/hub/password?signed-out";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
