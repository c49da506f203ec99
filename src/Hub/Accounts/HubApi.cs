using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Hub.Accounts.Services;
using Hub.Http;

namespace Hub.Accounts;

/// <summary>What the hub says of itself, and of whoever asks.</summary>
internal static class HubApi
{
    /// <summary>Level of JupyterHub's REST API that is spoken; clients compare the major number with theirs.</summary>
    public const string Version = "6.0.0";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/api", GetVersion).Public("Clients ask for the version before they have a token");
        routes.MapGet("/hub/api/info", () => Results.Json(ApiInfo.Current)).RequireScope(Scope.ReadHub);
        routes.MapGet("/hub/api/user", GetSelfAsync).RequireScope(Scope.ReadUsersName, ScopeFilter.Self);
    }

    private static IResult GetVersion(HttpContext context)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        return Results.Json(new { version = Version });
    }

    private static async Task<IResult> GetSelfAsync(HttpContext context, AccountsStore accounts, GroupsStore groups, ServiceBook services, UserModels models, CancellationToken cancellationToken)
    {
        Caller caller = context.GetCaller();
        if (caller.Service is { } name && services.Find(name) is { } service)
        {
            JsonObject model = ServicesApi.Model(service, caller.Scopes);
            model["scopes"] = new JsonArray([.. caller.Scopes.ToStrings().Select(scope => JsonValue.Create(scope))]);
            return Results.Json(model);
        }
        return await accounts.FindAsync(caller.UserName, cancellationToken) is { } user
            ? new JsonAnswer<UserModel>(models.OfSelf(user, await groups.OfUserAsync(user.Id, cancellationToken), caller))
            : ApiError.Hub(StatusCodes.Status404NotFound, "Not Found");
    }

    /// <summary>Answer of <c>/hub/api/info</c>; no Python runs here, its keys say so.</summary>
    private sealed record ApiInfo(string Version, string Python, string SysExecutable, ApiInfo.Part Authenticator, ApiInfo.Part Spawner)
    {
        public static ApiInfo Current { get; } = new(
            HubApi.Version, $"none ({RuntimeInformation.FrameworkDescription})", Environment.ProcessPath ?? "", new("Hub.Auth.Passwords", Program), new("Hub.Spawner", Program));

        private static string Program => typeof(HubApi).Assembly.GetName().Version?.ToString(3) ?? "";

        public sealed record Part(string Class, string Version);
    }
}
