using System.Text.Json.Nodes;
using Hub.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Hub.Lab;

/// <summary>Small answers the front end expects, most of them always the same.</summary>
internal static class LabApi
{
    /// <summary>Level of Jupyter Server's API spoken here; clients compare its major version.</summary>
    internal const string ServerVersion = "2.21.0";

    /// <summary>Longest report about a violated content security policy that is read; they are counted, not kept.</summary>
    private const int MaxReportBytes = 64 << 10;

    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/api", () => Results.Json(new { Version = ServerVersion })).Public("A version; clients ask for it before they sign in.");
        userServer.MapGet("/lab/api/translations", () => Parsed("""{"data":{"en":{"displayName":"English","nativeName":"English"}},"message":""}"""));
        userServer.MapGet("/lab/api/translations/{locale}", (string locale) => Parsed("""{"data":{},"message":""}"""));
        userServer.MapGet("/lab/api/listings/{**file}", (HttpContext context) =>
            context.DecodedTail(5).EndsWith("listings.json", StringComparison.Ordinal)
                ? Parsed("""{"blocked_extensions_uris":[],"allowed_extensions_uris":[],"blocked_extensions":[],"allowed_extensions":[]}""")
                : ApiError.Server(StatusCodes.Status400BadRequest, "The only listing is listings.json."));
        userServer.MapGet("/lab/api/licenses", (LabBundles bundles) => Licenses(bundles));
        userServer.MapGet("/lab/api/news", () => Parsed("""{"news":[]}"""));
        userServer.MapGet("/lab/api/update", () => Parsed("""{"notification":null}"""));
        userServer.MapGet("/lab/api/build", () => Parsed("""{"status":"stable","message":""}"""));
        userServer.MapGet("/lab/api/plugins", () => Parsed("""{"lockRules":[],"allLocked":true}"""));
        userServer.MapGet("/lab/api/extensions", () => Parsed("[]"));
        userServer.MapPost("/lab/api/extensions", () =>
            ApiError.Server(StatusCodes.Status501NotImplemented, "Extensions of the front end are installed by the operator of this hub."));
        userServer.MapGet("/api/nbconvert", () => Parsed("{}"));
        userServer.MapPost("/api/security/csp-report", (Delegate)ReportAsync).WithoutXsrf("Browsers send these reports by themselves, without any token; nothing is kept of them.");
    }

    private static ContentHttpResult Parsed(string json) => TypedResults.Content(json, "application/json");

    private static IResult Licenses(LabBundles bundles)
    {
        if (bundles.Find() is not { } bundle || Path.Combine(bundle.Root, "THIRD-PARTY-NOTICES.txt") is not { } notices || !File.Exists(notices))
            return Parsed("""{"bundles":{}}""");
        JsonObject package = new()
        {
            ["name"] = "Third-party notices",
            ["versionInfo"] = bundle.Manifest.VersionOf("jupyterlab"),
            ["licenseId"] = "see text",
            ["extractedText"] = File.ReadAllText(notices),
        };
        return Results.Json(new JsonObject { ["bundles"] = new JsonObject { ["Notebook Hub"] = new JsonObject { ["packages"] = new JsonArray(package) } } });
    }

    /// <summary>Browsers report what the content security policy stopped. Anybody could write anything into a log this way, so nothing is kept.</summary>
    private static async Task<IResult> ReportAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxReportBytes)
            return ApiError.Server(StatusCodes.Status413PayloadTooLarge, $"A report is longer than {MaxReportBytes} bytes.");
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        return Results.Ok();
    }
}
