using System.Text;
using Hub.Http;

namespace Hub.Lab;

/// <summary><c>api/spec.yaml</c>: what a user's server can be asked, as OpenAPI 3.0; made once from the routes that are mapped.</summary>
internal sealed class ApiSpecApi(EndpointDataSource routes)
{
    private readonly Lazy<string> _text = new(() => ApiSpecHandler.Of(routes.Endpoints.OfType<RouteEndpoint>()).ToJsonString(new(ApiJson.Options) { WriteIndented = true }));

    public static void Map(RouteGroupBuilder userServer) =>
        userServer.MapGet("/api/spec.yaml", (ApiSpecApi api) => Results.Text(api._text.Value, "text/x-yaml", Encoding.UTF8));
}
