using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Lab;

/// <summary>
/// Describes the API of a user's server as OpenAPI 3.0 (https://spec.openapis.org/oas/v3.0.3) from its routes, so that it cannot name what is not served.
/// The document is JSON, which every reader of YAML 1.2 understands.
/// </summary>
internal static class ApiSpecHandler
{
    private const string Below = "/user/{user}";

    /// <summary>Parts of a user's server that programs call; pages are left out.</summary>
    private static readonly string[] s_parts = ["/api", "/lab/api/", "/files/", "/kernelspecs/"];

    public static JsonObject Of(IEnumerable<RouteEndpoint> routes) =>
        new()
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject
            {
                ["title"] = "Notebook Hub: a user's server",
                ["version"] = LabApi.ServerVersion,
                ["description"] = "The API of Jupyter Server, answered by the hub for each user. Times are ISO 8601 in UTC with six digits of a second.",
            },
            ["servers"] = new JsonArray(new JsonObject
            {
                ["url"] = Below,
                ["variables"] = new JsonObject { ["user"] = new JsonObject { ["default"] = "me", ["description"] = "Whose server." } },
            }),
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }, new JsonObject { ["cookie"] = new JsonArray(), ["xsrf"] = new JsonArray() }),
            ["paths"] = SpecHandler.Paths(Operations(routes), Operation),
            ["components"] = new JsonObject { ["securitySchemes"] = new JsonObject(SpecHandler.SecuritySchemes()), ["schemas"] = JsonNode.Parse(ApiOperation.Schemas) },
        };

    /// <summary>What programs can ask of a user's server; paths begin behind the server's own.</summary>
    internal static IEnumerable<(string Path, string Method, RouteEndpoint Route)> Operations(IEnumerable<RouteEndpoint> routes) =>
        from operation in SpecHandler.Operations(routes, path => path.StartsWith(Below, StringComparison.Ordinal) && IsApi(path[Below.Length..]))
        select (operation.Path[Below.Length..], operation.Method, operation.Route);

    private static bool IsApi(string path) => s_parts.Any(part => path == part || path.StartsWith(part.TrimEnd('/') + "/", StringComparison.Ordinal));

    private static JsonObject Operation(string path, string method, RouteEndpoint route)
    {
        ApiOperation known = ApiOperation.Of(method, path);
        JsonObject operation = new()
        {
            ["tags"] = new JsonArray(path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["api", var room, ..] ? room : path.Split('/')[1]),
            ["summary"] = known.Summary,
        };
        IEnumerable<string> names = route.RoutePattern.Parameters.Select(parameter => parameter.Name).Where(name => name != "user");
        JsonArray parameters = [.. names.Select(name => (JsonNode)new JsonObject
        {
            ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" },
        })];
        foreach (string query in known.Query)
            parameters.Add(new JsonObject { ["name"] = query, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string" } });
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (known.Body is { } body)
            operation["requestBody"] = new JsonObject { ["content"] = Content(body) };
        JsonObject success = new() { ["description"] = known.Status == 204 ? "Done." : "The answer." };
        if (known.Answer is { } answer)
            success["content"] = Content(answer, known.IsList);
        operation["responses"] = new JsonObject
        {
            [$"{known.Status}"] = success,
            ["default"] = new JsonObject { ["description"] = "Why it was not done.", ["content"] = Content("Error") },
        };
        if (route.Metadata.GetMetadata<PublicRoute>() is not null)
            operation["security"] = new JsonArray();
        else if (route.Metadata.GetMetadata<RequiredScope>() is { } scope)
            operation["x-jupyterhub-scope"] = scope.Filter == ScopeFilter.Server ? $"{scope.Name}!server={{user}}/" : scope.Name;
        return operation;
    }

    private static JsonObject Content(string schema, bool isList = false)
    {
        JsonObject reference = new() { ["$ref"] = "#/components/schemas/" + schema };
        return new JsonObject { ["application/json"] = new JsonObject { ["schema"] = isList ? new JsonObject { ["type"] = "array", ["items"] = reference } : reference } };
    }
}
