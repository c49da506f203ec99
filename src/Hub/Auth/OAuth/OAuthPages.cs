using Hub.Accounts;
using Hub.Accounts.Services;
using Hub.Http;
using Microsoft.AspNetCore.WebUtilities;
using Web.Pages;

namespace Hub.Auth.OAuth;

/// <summary>
/// The hub as OAuth provider, the person's part (RFC 6749 §4.1): a service sends a browser here, the person signs in and consents, and is sent back with a code.
/// </summary>
/// <remarks>Until the service and its address are known to be right, nothing is sent anywhere: wrong ones end on a page.</remarks>
internal sealed class OAuthPages(ServiceBook services, OAuthCodesStore codes, AccountsStore accounts)
{
    public const string Path = "/hub/api/oauth2/authorize";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (OAuthPages pages, HttpContext context) => pages.AskAsync(context, consented: false))
            .Public("Services send browsers here; who is not signed in goes to the sign-in page first");
        routes.MapPost(Path, (OAuthPages pages, HttpContext context) => pages.AskAsync(context, consented: true))
            .Public("The answer of somebody signed in, which is checked here so that they may sign in again");
    }

    private async Task<IResult> AskAsync(HttpContext context, bool consented)
    {
        HttpRequest http = context.Request;
        IFormCollection? form = consented ? await context.ReadFormBodyAsync() : null;
        OAuthRequest request = OAuthRequest.Of(name => form is not null ? form[name].ToString() : http.Query[name].ToString());
        // 1. Who asks, and where may the answer go?
        if (services.FindClient(request.ClientId) is not { } service)
            return Refuse(context, "The service is not known to this hub.", $"client_id: {request.ClientId}");
        string origin = $"{http.Scheme}://{http.Host}{http.PathBase}";
        if (request.Destination(service, origin) is not { } destination)
            return Refuse(context, $"{service.Name} wants the answer sent to an address that is not registered (Services:{service.Name}:OAuthRedirect).", "");
        // 2. Is it a request?
        if (request.Problem(service) is { } problem)
            return Send(context, service, destination, request, [new("error", problem.Code), new("error_description", problem.Why)]);
        // 3. Who is the person, and may they use the service at all?
        if (context.FindCaller() is not { ByToken: false, SignInId: { } signInId } caller)
        {
            return consented
                ? Refuse(context, "You are no longer signed in.", "")
                : Results.Redirect($"{http.PathBase}/hub/login?next={Uri.EscapeDataString(http.PathBase.ToUriComponent() + http.Path.ToUriComponent() + http.QueryString.ToUriComponent())}");
        }
        if (!caller.Scopes.AllowsService("access:services", service.Name))
            return Refuse(context, $"You may not use {service.Name}. Its operator can let you in by a role with the scope {service.AccessScope}.", "", StatusCodes.Status403Forbidden);
        // 4. Do they want it?
        IReadOnlyList<string> scopes = request.Scopes(service);
        if (form is null && !service.Options.Trusted)
        {
            return HubPages.Draw<ConsentPage>(context, new ConsentView(
                context.GetPageFrame(), Path, service.Name, new Uri(destination).Authority, [.. scopes.Select(scope => scope == service.AccessScope ? "Know who you are" : ScopeWords.Of(scope)).Distinct()],
                new Dictionary<string, string>
                {
                    ["client_id"] = request.ClientId,
                    ["redirect_uri"] = request.RedirectUri,
                    ["response_type"] = request.ResponseType,
                    ["state"] = request.State,
                    ["scope"] = request.Scope,
                    ["code_challenge"] = request.Challenge,
                    ["code_challenge_method"] = request.ChallengeMethod,
                }));
        }
        if (form is not null && form["decision"] != "allow")
            return Send(context, service, destination, request, [new("error", "access_denied")]);
        // 5. The code.
        if (await accounts.FindAsync(caller.UserName, context.RequestAborted) is not { } user || SignIn.NumberOf(signInId) is not { } number)
            return Refuse(context, "You are no longer signed in.", "");
        string code = await codes.CreateAsync(
            new OAuthCode(service.Name, user.Id, number, request.RedirectUri, scopes, request.Challenge.Length > 0 ? request.Challenge : null), context.RequestAborted);
        return Send(context, service, destination, request, [new("code", code)]);
    }

    /// <summary>Sends the browser back. After a form it goes by a page, since browsers hold the policy for forms against where the answer leads.</summary>
    private static IResult Send(HttpContext context, Service service, string destination, OAuthRequest request, KeyValuePair<string, string?>[] answer)
    {
        IEnumerable<KeyValuePair<string, string?>> all = request.State.Length > 0 ? answer.Append(new("state", request.State)) : answer;
        string url = QueryHelpers.AddQueryString(destination, all);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer"; // the code is in the address
        return HttpMethods.IsPost(context.Request.Method)
            ? HubPages.Draw<OnwardPage>(context, new OnwardView(context.GetPageFrame(), service.Name, url))
            : Results.Redirect(url);
    }

    private static IResult Refuse(HttpContext context, string what, string reference, int status = StatusCodes.Status400BadRequest)
    {
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<MessagePage>(
            context,
            new MessageView(
                frame, "The service was not let in", what, ["The link is wrong or old.", "The service or the hub is not set up right."],
                ["Go back and try again.", "Tell whoever runs the service."], [new PageLink("Go to your home page", frame.Home)], status, reference.Length > 0 ? reference : null),
            status);
    }
}
