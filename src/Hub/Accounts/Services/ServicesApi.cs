using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Accounts.Services;

/// <summary>Services on JupyterHub's API. They are made by the settings only.</summary>
internal static class ServicesApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/api/services", List).RequireScope(Scope.ListServices, ScopeFilter.Any);
        routes.MapGet("/hub/api/services/{service}", Get).RequireScope(Scope.ReadServicesName, ScopeFilter.Service);
    }

    /// <summary>What <paramref name="asker"/> may see of a service.</summary>
    public static JsonObject Model(Service service, ScopeSet asker)
    {
        var model = new JsonObject { ["kind"] = "service", ["name"] = service.Name };
        bool all = asker.AllowsService(Scope.ReadServices, service.Name);
        if (all || asker.AllowsService(Scope.ReadServicesName, service.Name))
            model["admin"] = service.Options.Admin;
        if (all || asker.AllowsService(Scope.ReadRolesServices, service.Name))
            model["roles"] = new JsonArray([.. service.Roles.Select(role => JsonValue.Create(role))]);
        if (all)
        {
            model["url"] = service.Options.Url.Length > 0 ? service.Options.Url : null;
            model["prefix"] = $"/services/{service.Name}/";
            model["command"] = new JsonArray(); // the hub starts no services
            model["pid"] = 0;
            model["info"] = new JsonObject();
            model["display"] = service.Options.Display;
        }
        return model;
    }

    private static IResult List(HttpContext context, ServiceBook services)
    {
        ScopeSet scopes = context.GetCaller().Scopes;
        var all = new JsonObject();
        foreach (Service service in services.All.Where(service => scopes.AllowsService(Scope.ListServices, service.Name)))
            all[service.Name] = Model(service, scopes);
        return Results.Json(all);
    }

    private static IResult Get(HttpContext context, ServiceBook services, string service) =>
        services.Find(service) is { } found
            ? Results.Json(Model(found, context.GetCaller().Scopes))
            : ApiError.Hub(StatusCodes.Status404NotFound, $"No such service: {service}");
}
