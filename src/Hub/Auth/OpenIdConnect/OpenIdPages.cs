using Hub.Accounts;
using Hub.Http;
using Microsoft.AspNetCore.Authentication;
using Web.Pages;

namespace Hub.Auth.OpenIdConnect;

/// <summary>Where browsers go to a provider, and where they come back.</summary>
internal sealed class OpenIdPages(OpenIdProviders providers, ArrivalHandler arrivals, IdentitiesStore identities, SignOutHandler signOuts)
{
    private const string Home = "/hub/home";
    private const string PasswordPath = "/hub/password";

    /// <summary>Longest path that is remembered for after the sign-in: it goes to the provider and back in an address.</summary>
    private const int LongestNext = 2000;

    private const string Why = "Whoever signs in is not signed in yet";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hub/openid/{provider}", (OpenIdPages pages, HttpContext context, string provider) => pages.StartAsync(context, provider)).Public(Why);
        routes.MapGet("/hub/openid/{provider}/callback", (OpenIdPages pages, HttpContext context, string provider) => pages.ReturnAsync(context, provider)).Public(Why);
        routes.MapGet("/hub/openid/{provider}/signed-out", (OpenIdPages pages, HttpContext context, string provider) => pages.ShowSignedOut(context, provider))
            .Public("Whoever comes from signing out is not signed in");
        routes.MapPost("/hub/openid/{provider}/connect", (OpenIdPages pages, HttpContext context, string provider) => pages.ConnectAsync(context, provider))
            .RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
        routes.MapPost("/hub/openid/{provider}/disconnect", (OpenIdPages pages, HttpContext context, string provider) => pages.DisconnectAsync(context, provider))
            .RequireScope(Scope.ReadUsersName, ScopeFilter.Any);
        foreach (IConfigurationSection one in OpenIdServices.SectionsOf(routes.ServiceProvider.GetRequiredService<IConfiguration>()))
        {
            if (one[nameof(OpenIdProviderOptions.CallbackPath)] is { Length: > 0 } callback)
                routes.MapGet(callback, (OpenIdPages pages, HttpContext context) => pages.ReturnAsync(context, one.Key)).Public(Why);
            if (one[nameof(OpenIdProviderOptions.SignedOutCallbackPath)] is { Length: > 0 } signedOut)
                routes.MapGet(signedOut, (OpenIdPages pages, HttpContext context) => pages.ShowSignedOut(context, one.Key)).Public("Whoever comes from signing out is not signed in");
        }
    }

    /// <summary>Sends the browser to the provider; who is signed in goes on at once.</summary>
    private async Task<IResult> StartAsync(HttpContext context, string name)
    {
        if (providers.Find(name) is not { Provider: var provider })
            return NoProvider();
        string next = LocalUrl.Of(context.Request.Query["next"], Home);
        if (next.Length > LongestNext || next.StartsWith("/hub/openid/", StringComparison.OrdinalIgnoreCase))
            next = Home;
        if (context.FindCaller() is not null)
            return Results.Redirect(next);
        await ChallengeAsync(context, provider, new AuthenticationProperties { RedirectUri = next });
        return Results.Empty;
    }

    private async Task<IResult> ReturnAsync(HttpContext context, string name)
    {
        if (providers.Find(name) is not { Provider: var provider })
            return NoProvider();
        IAuthenticationRequestHandler handler = await ConfigureOpenIdHandler.CreateAsync(context, provider);
        return await handler.HandleRequestAsync() ? Results.Empty : NoProvider();
    }

    /// <summary>
    /// Sends somebody who is signed in to the provider, to be known there as the same person from now on. By a page between: browsers let a form lead to no
    /// other site.
    /// </summary>
    private async Task<IResult> ConnectAsync(HttpContext context, string name)
    {
        if (providers.Find(name) is not { Provider: var provider })
            return NoProvider();
        if (context.GetCaller() is not { SignInId: { } signInId })
            return NotByToken();
        var properties = new AuthenticationProperties { RedirectUri = PasswordPath };
        properties.Items[ArrivalHandler.Connects] = signInId;
        if (!await ChallengeAsync(context, provider, properties))
            return Results.Empty;
        string onward = context.Response.Headers.Location.ToString();
        context.Response.Headers.Remove("Location");
        return HubPages.Draw<OnwardPage>(context, new OnwardView(context.GetPageFrame(), provider.DisplayName, onward));
    }

    private async Task<IResult> DisconnectAsync(HttpContext context, string name)
    {
        Caller caller = context.GetCaller();
        if (caller.ByToken)
            return NotByToken();
        if (!await identities.DisconnectAsync(name, caller.UserId, context.RequestAborted))
            return ApiError.Hub(StatusCodes.Status409Conflict, "It is your only way in, or it was not connected. Ask an administrator for a link to set a password first.");
        context.Response.Headers.Location = PasswordPath;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private IResult ShowSignedOut(HttpContext context, string name) =>
        providers.Find(name) is null
            ? NoProvider()
            : HubPages.Draw<SignedOutPage>(
                context,
                new SignedOutView(new PageFrame("", null, context.Request.PathBase.ToUriComponent() + "/"), signOuts.RunningIn(context.Request.Query["state"].ToString())));

    /// <summary>Answers with a redirect to the provider and true; or with a page that says why not, and false.</summary>
    private async Task<bool> ChallengeAsync(HttpContext context, OpenIdProvider provider, AuthenticationProperties properties)
    {
        try
        {
            IAuthenticationRequestHandler handler = await ConfigureOpenIdHandler.CreateAsync(context, provider);
            await handler.ChallengeAsync(properties);
            return true;
        }
        catch (OpenIdException refused)
        {
            await arrivals.RefuseAsync(context, provider, refused);
            return false;
        }
    }

    private static IResult NoProvider() => ApiError.Hub(StatusCodes.Status404NotFound, "There is no such sign-in provider (Auth:OpenId).");

    private static IResult NotByToken() => ApiError.Hub(StatusCodes.Status403Forbidden, "Accounts are connected at the page, not by a token.");
}
