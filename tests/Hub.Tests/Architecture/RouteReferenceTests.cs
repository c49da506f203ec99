using System.Globalization;
using System.Text;
using Hub.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>The table of all routes with what each asks of its caller.</summary>
public sealed class RouteReferenceTests
{
    private const string Head = """
        # Routes

        Made from the program by the tests; do not edit. What each route asks of its caller: a scope as JupyterHub spells it
        (`!user`, `!server`, `!group`: for the user, server or group named in the path), or nothing, and then why.

        | method | route | asks for |
        |---|---|---|

        """;

    [Fact]
    public async Task The_reference_of_routes_is_current()
    {
        string data = Directory.CreateTempSubdirectory("hub-routes-").FullName;
        try
        {
            await using WebApplication hub = HubApplication.Create(["--data", data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process"]);
            IEnumerable<string> rows =
                from route in ((IEndpointRouteBuilder)hub).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["any"]
                let pattern = "/" + route.RoutePattern.RawText?.TrimStart('/')
                orderby pattern, method
                select $"| {method} | `{GeneratedPage.Cell(pattern)}` | {GeneratedPage.Cell(Asks(route))} |";
            StringBuilder page = new(Head);
            foreach (string row in rows.Distinct())
                page.Append(CultureInfo.InvariantCulture, $"{row}\n");
            GeneratedPage.IsCurrent("routes.md", page.ToString());
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static string Asks(RouteEndpoint route) =>
        route.Metadata.GetMetadata<PublicRoute>() is { } open ? $"nothing: {open.Why}"
        : route.Metadata.GetMetadata<RequiredScope>() is { Filter: ScopeFilter.Self } ? "to be signed in"
        : route.Metadata.GetMetadata<RequiredScope>() is { } scope ? $"`{scope.Name}{Filter(scope.Filter)}`"
        : "states nothing";

    private static string Filter(ScopeFilter filter) => filter switch
    {
        ScopeFilter.None or ScopeFilter.Any => "",
        _ => "!" + filter.ToString().ToLowerInvariant(),
    };
}
