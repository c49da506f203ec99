using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;

namespace Hub.Lab;

/// <summary>
/// Describes the hub's API as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1) from its routes: paths, methods, parameters and scopes are theirs, so the document
/// cannot name what is not served nor leave out what is.
/// </summary>
internal static class HubSpecHandler
{
    private const string Root = "/hub/api";

    public static JsonObject Of(IEnumerable<RouteEndpoint> routes) =>
        new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Notebook Hub",
                ["version"] = HubApi.Version,
                ["description"] = "JupyterHub's REST API and what this hub has beyond it. Times are ISO 8601 in UTC with six digits of a second. "
                    + "The name of a user's default server is empty: such a path ends in a slash.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = SpecHandler.Paths(Operations(routes), Operation),
            ["components"] = new JsonObject { ["securitySchemes"] = SecuritySchemes(), ["schemas"] = HubSchemas.All() },
        };

    /// <summary>What programs can ask of the hub.</summary>
    internal static IEnumerable<(string Path, string Method, RouteEndpoint Route)> Operations(IEnumerable<RouteEndpoint> routes) =>
        SpecHandler.Operations(routes, path => path == Root || path.StartsWith(Root + "/", StringComparison.Ordinal));

    private static JsonObject Operation(string path, string method, RouteEndpoint route)
    {
        HubOperation known = HubOperation.Find(method, path) ?? new HubOperation("Not described.", "200");
        string[] segments = path[Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        JsonObject operation = new()
        {
            ["tags"] = new JsonArray(segments.FirstOrDefault() ?? "hub"),
            ["operationId"] = method.ToLowerInvariant() + string.Concat(segments.Select(IdOf)),
            ["summary"] = known.Summary,
        };
        JsonArray parameters = [];
        foreach (var parameter in route.RoutePattern.Parameters)
        {
            string type = parameter.ParameterPolicies.Any(policy => policy.Content == "long") ? "integer" : "string";
            parameters.Add(new JsonObject { ["name"] = parameter.Name, ["in"] = "path", ["required"] = true, ["schema"] = SpecTypeCodec.Type(type) });
        }
        foreach (string query in known.Query.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            parameters.Add(new JsonObject { ["name"] = query.Split(':')[0], ["in"] = "query", ["schema"] = SpecTypeCodec.Type(query.Split(':')[1]) });
        if (parameters.Count > 0)
            operation["parameters"] = parameters;
        if (known.Body is { } body)
            operation["requestBody"] = new JsonObject { ["content"] = BodyOf(body) };
        operation["responses"] = Responses(known.Answers);
        operation["security"] = Security(route);
        if (route.Metadata.GetMetadata<RequiredScope>() is { Filter: not ScopeFilter.Self } scope)
            operation["x-jupyterhub-scope"] = scope.Name;
        return operation;
    }

    private static JsonObject BodyOf(string body) => body.StartsWith("form ", StringComparison.Ordinal)
        ? new JsonObject { ["application/x-www-form-urlencoded"] = new JsonObject { ["schema"] = SpecTypeCodec.Type(body[5..]) } }
        : Content(body);

    private static JsonObject Responses(string answers)
    {
        JsonObject responses = [];
        foreach (string answer in answers.Split(';'))
        {
            string[] parts = answer.Split(' ', 2);
            JsonObject response = new() { ["description"] = parts[0][0] == '2' ? "Done." : parts[0][0] == '3' ? "Leads on." : "Why it was not done." };
            if (parts.Length > 1)
                response["content"] = Content(parts[1]);
            responses[parts[0]] = response;
        }
        responses["default"] = new JsonObject { ["description"] = "Why it was not done.", ["content"] = Content("Error") };
        return responses;
    }

    private static JsonObject Content(string type) => type.Contains('/', StringComparison.Ordinal)
        ? new JsonObject { [type] = new JsonObject { ["schema"] = SpecTypeCodec.Type("string") } }
        : new JsonObject { ["application/json"] = new JsonObject { ["schema"] = SpecTypeCodec.Type(type) } };

    private static JsonArray Security(RouteEndpoint route)
    {
        if (route.Metadata.GetMetadata<PublicRoute>() is not null || route.Metadata.GetMetadata<RequiredScope>() is not { } required)
            return [];
        JsonArray scopes = required.Filter == ScopeFilter.Self ? [] : [required.Name];
        return
        [
            new JsonObject { ["oauth2"] = scopes },
            new JsonObject { ["token"] = new JsonArray() },
            new JsonObject { ["cookie"] = new JsonArray(), ["xsrf"] = new JsonArray() },
        ];
    }

    private static JsonObject SecuritySchemes() => new([KeyValuePair.Create("oauth2", (JsonNode?)OAuth2()), .. SpecHandler.SecuritySchemes()]);

    private static JsonObject OAuth2() => new()
    {
        ["type"] = "oauth2",
        ["flows"] = new JsonObject
        {
            ["authorizationCode"] = new JsonObject
            {
                ["authorizationUrl"] = Root + "/oauth2/authorize",
                ["tokenUrl"] = Root + "/oauth2/token",
                ["scopes"] = new JsonObject([.. Scope.Known.Select(scope => KeyValuePair.Create(scope, (JsonNode?)ScopeWords.Of(scope)))]),
            },
        },
    };

    /// <summary><c>users</c> as <c>Users</c>, <c>{kernelId}</c> as <c>ByKernelId</c>, <c>share-codes</c> as <c>ShareCodes</c>.</summary>
    private static string IdOf(string segment) =>
        (segment[0] == '{' ? "By" : "") + string.Concat(segment.Trim('{', '}').Split('-', '.').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
