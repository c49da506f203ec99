using Hub.Accounts;
using Hub.Http;
using Web.Pages;

namespace Hub.Auth;

/// <summary>
/// Refuses what another site makes a browser send: unsafe requests without the XSRF token, API calls and user files asked for from elsewhere,
/// WebSockets of another origin. Requests that name themselves by a token are nobody's browser and pass.
/// </summary>
internal sealed class XsrfMiddleware(RequestDelegate next, CookieHandler cookies)
{
    private const string Different = "XSRF cookie does not match POST argument";
    private const string Foreign = "Request from another site refused.";

    /// <summary>Longest form of the hub's own pages, in bytes: names, passwords and notes.</summary>
    private const int LongestForm = 64 * 1024;

    /// <summary>Below these a user's own files are served, which another site could embed and read something from.</summary>
    private static readonly string[] UserFiles = ["files", "view", "nbconvert"];

    public async Task InvokeAsync(HttpContext context)
    {
        if (TokenMiddleware.IsPresented(context) || context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<XsrfExempt>() is not null)
            await next(context);
        else if (Origins(context, IsPublic(endpoint)) is var (status, why))
            await ErrorAnswer.WriteAsync(context, status, why);
        else if (await TokenProblemAsync(context, IsPublic(endpoint)) is { } problem)
            await RefuseAsync(context, problem);
        else
            await next(context);
    }

    /// <summary>Where does the request come from? Asked only of requests that carry a sign-in: there is nothing to abuse in others.</summary>
    private static (int Status, string Why)? Origins(HttpContext context, bool publicRoute)
    {
        HttpRequest request = context.Request;
        if (context.FindCaller() is null || (publicRoute && IsSafe(request)))
            return null;
        string origin = request.Headers.Origin.ToString();
        if (context.WebSockets.IsWebSocketRequest)
            return IsOwn(origin, request) ? null : (StatusCodes.Status403Forbidden, "WebSocket from another origin refused.");
        if (IsNavigation(request))
            return null;
        bool foreign = request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" || (origin.Length > 0 && !IsOwn(origin, request));
        if (!foreign)
            return null;
        // Jupyter Server answers 404, so that another site does not even learn what is there.
        return ErrorAnswer.ShapeOf(request) == ApiShape.Hub ? (StatusCodes.Status403Forbidden, Foreign) : (StatusCodes.Status404NotFound, "Not Found");
    }

    private async Task<string?> TokenProblemAsync(HttpContext context, bool publicRoute)
    {
        HttpRequest request = context.Request;
        bool signedIn = context.FindCaller() is not null;
        bool hubApi = request.Path.StartsWithSegments("/hub/api");
        // Without a sign-in the hub's API answers that credentials are missing, which tells a client more.
        if (hubApi && !signedIn)
            return null;
        bool needed = IsSafe(request)
            ? signedIn && !publicRoute && HttpMethods.IsGet(request.Method) && (hubApi || (IsUserFile(request) && !ComesFromHere(request)))
            : true;
        if (!needed || context.WebSockets.IsWebSocketRequest)
            return null;
        if (await FindTokenAsync(request, context.RequestAborted) is not { Length: > 0 } token)
            return $"'_xsrf' argument missing from {request.Method}";
        return cookies.IsXsrfToken(context, token) ? null : Different;
    }

    private static async Task<string?> FindTokenAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        foreach (string? given in new[] { request.Headers["X-XSRFToken"].ToString(), request.Headers["X-CSRFToken"].ToString(), request.Query["_xsrf"].ToString() })
        {
            if (!string.IsNullOrEmpty(given))
                return given;
        }
        if (!IsForm(request))
            return null;
        if (request.ContentLength > LongestForm)
            throw new BadHttpRequestException($"The form is longer than {LongestForm} bytes.", StatusCodes.Status413PayloadTooLarge);
        try
        {
            IFormCollection form = await request.ReadFormAsync(new Microsoft.AspNetCore.Http.Features.FormOptions { BufferBodyLengthLimit = LongestForm, ValueLengthLimit = LongestForm }, cancellationToken);
            return form["_xsrf"].ToString();
        }
        catch (InvalidDataException wrong)
        {
            throw new BadHttpRequestException("The form cannot be read: " + wrong.Message, wrong);
        }
    }

    /// <summary>Somebody who posted a form from a page gets a page that says what to do; programs get the text alone.</summary>
    private static Task RefuseAsync(HttpContext context, string problem)
    {
        if (!IsForm(context.Request) || !context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
            return ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, problem);
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<MessagePage>(
            context,
            new MessageView(
                frame,
                "The form was not accepted",
                problem,
                ["The page was open for a long time before it was sent.", "You signed in or out in another tab meanwhile.", "Cookies are switched off."],
                ["Go back, reload the page, and send the form again."],
                [new PageLink("Go to your home page", frame.Home)],
                StatusCodes.Status403Forbidden),
            StatusCodes.Status403Forbidden).ExecuteAsync(context);
    }

    private static bool IsPublic(Endpoint endpoint) => endpoint.Metadata.LastOrDefault(statement => statement is RequiredScope or PublicRoute) is PublicRoute;

    private static bool IsSafe(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);

    private static bool IsNavigation(HttpRequest request) => IsSafe(request) && request.Headers["Sec-Fetch-Mode"].ToString() == "navigate";

    private static bool IsForm(HttpRequest request) =>
        request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsUserFile(HttpRequest request) =>
        (request.Path.Value ?? "").Split('/', 5) is ["", "user", _, var kind, ..] && UserFiles.Contains(kind);

    private static bool ComesFromHere(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "same-origin" or "none"
        || (Uri.TryCreate(request.Headers.Referer.ToString(), UriKind.Absolute, out Uri? referer) && IsOwn(referer, request));

    private static bool IsOwn(string origin, HttpRequest request) => Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && IsOwn(uri, request);

    /// <summary>Compares host and port. Not the scheme: a proxy that ends TLS and says nothing of it must not lock everybody out.</summary>
    private static bool IsOwn(Uri origin, HttpRequest request) =>
        string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
        || (request.Host.Port is { } port && origin.Port == port && string.Equals(origin.Host, request.Host.Host, StringComparison.OrdinalIgnoreCase));
}
