using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Hub.Lab;

/// <summary>What the two documents of OpenAPI have in common: they are read from routes, and who asks proves itself in the same ways.</summary>
internal static class SpecHandler
{
    /// <summary>Methods at the routes whose path is wanted, in order.</summary>
    public static IEnumerable<(string Path, string Method, RouteEndpoint Route)> Operations(IEnumerable<RouteEndpoint> routes, Func<string, bool> isWanted) =>
        from route in routes
        let path = PathOf(route.RoutePattern)
        where isWanted(path)
        from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        orderby path, method
        select (path, method, route);

    /// <summary>The Paths Object; of two routes for one operation the first is described.</summary>
    public static JsonObject Paths(IEnumerable<(string Path, string Method, RouteEndpoint Route)> operations, Func<string, string, RouteEndpoint, JsonObject> describe)
    {
        JsonObject paths = [];
        foreach ((string path, string method, RouteEndpoint route) in operations)
        {
            JsonObject item = paths[path] as JsonObject ?? [];
            paths[path] = item;
            item[method.ToLowerInvariant()] ??= describe(path, method, route);
        }
        return paths;
    }

    /// <summary>A token in a header, or the cookie of a signed-in browser with its XSRF token.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> SecuritySchemes() =>
    [
        KeyValuePair.Create("token", (JsonNode?)ApiKey("header", "Authorization", "`token …` or `Bearer …`")),
        KeyValuePair.Create("cookie", (JsonNode?)ApiKey("cookie", "hub-signin", null)),
        KeyValuePair.Create("xsrf", (JsonNode?)ApiKey("header", "X-XSRFToken", "What the cookie _xsrf holds; for all methods but GET and HEAD.")),
    ];

    private static JsonObject ApiKey(string place, string name, string? description)
    {
        JsonObject key = new() { ["type"] = "apiKey", ["in"] = place, ["name"] = name };
        if (description is not null)
            key["description"] = description;
        return key;
    }

    /// <summary>Without constraints, defaults and the stars of what takes all the rest.</summary>
    internal static string PathOf(RoutePattern pattern)
    {
        StringBuilder path = new();
        foreach (RoutePatternPathSegment segment in pattern.PathSegments)
        {
            path.Append('/');
            foreach (RoutePatternPart part in segment.Parts)
                path.Append(part switch { RoutePatternParameterPart parameter => $"{{{parameter.Name}}}", RoutePatternLiteralPart literal => literal.Content, RoutePatternSeparatorPart between => between.Content, _ => "" });
        }
        return path.ToString();
    }
}
