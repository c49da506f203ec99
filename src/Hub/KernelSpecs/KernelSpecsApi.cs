using Hub.Http;

namespace Hub.KernelSpecs;

/// <summary><c>api/kernelspecs</c> and the logos behind it.</summary>
public static class KernelSpecsApi
{
    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/kernelspecs", (HttpContext context, KernelSpecCatalog catalog, IUserEnvironment environment) =>
            ListAsync(context.Server(), catalog, environment, context.RequestAborted));
        userServer.MapGet("/api/kernelspecs/{name}", (HttpContext context, string name, KernelSpecCatalog catalog) => Get(context.Server(), name, catalog));
        userServer.MapGet("/kernelspecs/{name}/{file}", (string name, string file, KernelSpecCatalog catalog, HttpContext context) =>
            Resource(name, file, catalog, context));
    }

    private static async Task<IResult> ListAsync(ServerKey server, KernelSpecCatalog catalog, IUserEnvironment environment, CancellationToken cancellationToken)
    {
        string baseUrl = UserUrl.Of(server);
        return Results.Ok(new
        {
            Default = await environment.FindAsync(server.UserName, cancellationToken) ?? catalog.DefaultName,
            Kernelspecs = catalog.List().ToDictionary(spec => spec.Name, spec => KernelSpecModel.Of(spec, baseUrl), StringComparer.Ordinal),
        });
    }

    private static IResult Get(ServerKey server, string name, KernelSpecCatalog catalog) =>
        catalog.Find(name) is { } spec
            ? Results.Ok(KernelSpecModel.Of(spec, UserUrl.Of(server)))
            : ApiError.Server(StatusCodes.Status404NotFound, $"Kernel spec {name} not found");

    private static IResult Resource(string name, string file, KernelSpecCatalog catalog, HttpContext context)
    {
        if (catalog.Find(name) is not { } spec || KernelSpecResources.Find(spec, file) is not { } path)
            return ApiError.Server(StatusCodes.Status404NotFound, $"Kernel spec {name} has no file {file}");
        context.Response.Headers.CacheControl = "private, max-age=2592000";
        return Results.File(path, ContentTypeOf(file));
    }

    private static string ContentTypeOf(string file) => Path.GetExtension(file).ToUpperInvariant() switch
    {
        ".SVG" => "image/svg+xml",
        ".PNG" => "image/png",
        ".JS" => "text/javascript; charset=utf-8",
        ".CSS" => "text/css; charset=utf-8",
        _ => "application/octet-stream",
    };
}
