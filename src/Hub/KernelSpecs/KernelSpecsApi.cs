using Hub.Http;

namespace Hub.KernelSpecs;

/// <summary><c>api/kernelspecs</c> and the logos behind it.</summary>
public static class KernelSpecsApi
{
    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api/kernelspecs", (HttpContext context, EnvironmentAccess access, IUserEnvironment environment) =>
            ListAsync(context.Server(), access, environment, context.RequestAborted));
        userServer.MapGet("/api/kernelspecs/{name}", (HttpContext context, string name, EnvironmentAccess access) => GetAsync(context, name, access));
        userServer.MapGet("/kernelspecs/{name}/{file}", (HttpContext context, string name, string file, EnvironmentAccess access) => ResourceAsync(context, name, file, access));
    }

    private static async Task<IResult> ListAsync(ServerKey server, EnvironmentAccess access, IUserEnvironment environment, CancellationToken cancellationToken)
    {
        string baseUrl = UserUrl.Of(server);
        EnvironmentOffer offer = await access.OfAsync(server.UserName, cancellationToken);
        string? wanted = await environment.FindAsync(server.UserName, cancellationToken);
        return Results.Ok(new
        {
            Default = wanted is null ? offer.DefaultName : offer.Find(wanted)?.Name ?? offer.DefaultName,
            Kernelspecs = offer.Usable.ToDictionary(spec => spec.Name, spec => KernelSpecModel.Of(spec, baseUrl), StringComparer.Ordinal),
        });
    }

    private static async Task<IResult> GetAsync(HttpContext context, string name, EnvironmentAccess access) =>
        (await access.OfAsync(context.Server().UserName, context.RequestAborted)).Find(name) is { } spec
            ? Results.Ok(KernelSpecModel.Of(spec, UserUrl.Of(context.Server())))
            : ApiError.Server(StatusCodes.Status404NotFound, $"Kernel spec {name} not found");

    private static async Task<IResult> ResourceAsync(HttpContext context, string name, string file, EnvironmentAccess access)
    {
        EnvironmentOffer offer = await access.OfAsync(context.Server().UserName, context.RequestAborted);
        if (offer.Find(name) is not { } spec || KernelSpecResources.Find(spec, file) is not { } path)
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
