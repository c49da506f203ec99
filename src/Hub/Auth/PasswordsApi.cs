using Hub.Accounts;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Auth;

/// <summary>What an administrator does about other people's passwords; ours, beyond JupyterHub's API.</summary>
internal sealed class PasswordsApi(Passwords passwords, PasswordsStore store, AccountsStore accounts, IOptions<AuthOptions> options)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/hub/api/users/{user}/password", (PasswordsApi api, HttpContext context, string user) => api.SetAsync(context, user))
            .RequireScope(Scope.AdminUsers, ScopeFilter.User);
        routes.MapPost("/hub/api/users/{user}/password-link", (PasswordsApi api, HttpContext context, string user) => api.CreateLinkAsync(context, user))
            .RequireScope(Scope.AdminUsers, ScopeFilter.User);
    }

    /// <summary><c>{"password"}</c>: 204. All sign-ins of the user end.</summary>
    private async Task<IResult> SetAsync(HttpContext context, string user)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("password");
        string password = body.Text("password") ?? throw new BadHttpRequestException("password is missing");
        (User? whose, IResult? refusal) = await FindAsync(context, user);
        if (refusal is not null)
            return refusal;
        return await passwords.SetAsync(whose!, password, context.RequestAborted) is { } problem
            ? ApiError.Hub(StatusCodes.Status400BadRequest, problem)
            : Results.NoContent();
    }

    /// <summary><c>{"expires_in"?}</c> in seconds: 201 with a link that works once; earlier links of the user end.</summary>
    private async Task<IResult> CreateLinkAsync(HttpContext context, string user)
    {
        var body = new JsonFields(await context.ReadJsonObjectAsync(context.RequestAborted));
        body.RefuseOthers("expires_in");
        long most = options.Value.PasswordLinkMinutes * 60L;
        long seconds = body.Number("expires_in") ?? most;
        if (seconds < 1 || seconds > most)
            return ApiError.Hub(StatusCodes.Status400BadRequest, $"expires_in must be between 1 and {most} seconds (Auth:PasswordLinkMinutes)");
        (User? whose, IResult? refusal) = await FindAsync(context, user);
        if (refusal is not null)
            return refusal;
        (string secret, DateTimeOffset expiresAt) = await store.CreateLinkAsync(whose!.Id, TimeSpan.FromSeconds(seconds), context.RequestAborted);
        HttpRequest request = context.Request;
        string path = request.PathBase.ToUriComponent() + PasswordPages.PathOf(secret);
        return Results.Json(
            new { user = whose.Name, url = path, full_url = $"{request.Scheme}://{request.Host}{path}", expires_at = ApiTime.Format(expiresAt) },
            statusCode: StatusCodes.Status201Created);
    }

    private async Task<(User?, IResult?)> FindAsync(HttpContext context, string user)
    {
        if (await accounts.FindAsync(user, context.RequestAborted) is not { } whose)
            return (null, ApiError.Hub(StatusCodes.Status404NotFound, $"No such user: {user}"));
        return whose.Admin && !context.GetCaller().Admin
            ? (null, ApiError.Hub(StatusCodes.Status403Forbidden, "Only admins can change the password of an admin"))
            : (whose, null);
    }
}
