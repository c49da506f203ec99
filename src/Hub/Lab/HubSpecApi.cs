using System.Text;
using Hub.Http;

namespace Hub.Lab;

/// <summary><c>/hub/api/openapi.json</c>: what the hub can be asked, as OpenAPI 3.1; made once from the routes that are mapped.</summary>
internal sealed class HubSpecApi(EndpointDataSource routes)
{
    private readonly Lazy<string> _text = new(() => HubSpecHandler.Of(routes.Endpoints.OfType<RouteEndpoint>()).ToJsonString(new(ApiJson.Options) { WriteIndented = true }));

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/hub/api/openapi.json", (HubSpecApi api) => Results.Text(api._text.Value, "application/json", Encoding.UTF8))
            .Public("Describes the program, not its people nor its settings");
}
