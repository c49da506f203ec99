namespace Hub.Http;

/// <summary>
/// Headers every answer carries. The content security policy is the strictest by default and widened by the few pages that need more, with
/// <see cref="SetContentSecurityPolicy"/>.
/// </summary>
public static class SecurityHeadersMiddleware
{
    /// <summary>For JSON, errors and everything that is no page: nothing may be loaded, nobody may frame it.</summary>
    public const string NothingPolicy = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>For the hub's own pages: own styles, images and forms, no scripts.</summary>
    public const string PagePolicy =
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>
    /// For JupyterLab and Notebook: <c>unsafe-eval</c> because its schema validator compiles schemas, inline styles because its widgets and outputs set them.
    /// Pictures and frames may come from anywhere a notebook says, scripts and connections only from here.
    /// </summary>
    public const string LabPolicy =
        "default-src 'self'; script-src 'self' 'unsafe-eval' blob:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https: http:; media-src 'self' data: blob: https: http:; "
        + "font-src 'self' data:; frame-src 'self' data: blob: https: http:; connect-src 'self' data: blob: ws: wss:; form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'self'";

    /// <summary>Says what this page may load, instead of nothing.</summary>
    public static void SetContentSecurityPolicy(this HttpResponse response, string policy) => response.Headers.ContentSecurityPolicy = policy;

    internal static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        Apply(context);
        return next(context);
    }

    internal static void Apply(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = NothingPolicy;
        headers["Referrer-Policy"] = "same-origin"; // files/ checks the referrer, so it must reach ourselves
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
