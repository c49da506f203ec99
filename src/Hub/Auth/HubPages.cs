using Hub.Accounts;
using Hub.Http;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Web.Pages;

namespace Hub.Auth;

/// <summary>How every page of the hub's own is drawn: with the frame of whoever asks, never cached, loading nothing from elsewhere.</summary>
public static class HubPages
{
    /// <summary>What head, top bar and forms of a page need; sets the XSRF cookie when the browser lacks it.</summary>
    public static PageFrame GetPageFrame(this HttpContext context) =>
        new(context.GetXsrfToken(), context.FindCaller()?.DisplayName, context.Request.PathBase.ToUriComponent() + "/")
        {
            HasPanel = context.FindCaller()?.Scopes.Has(Scope.AdminUi) == true,
            PanelTitle = context.FindCaller()?.Scopes.Allows(Scope.AdminUi) == true ? "Admin" : "Panel",
        };

    /// <summary>The XSRF token of whoever asks; sets the cookie when the browser lacks it.</summary>
    public static string GetXsrfToken(this HttpContext context) => context.RequestServices.GetRequiredService<CookieHandler>().GetXsrfToken(context);

    /// <summary>Draws a page that takes its record as the parameter <c>View</c>.</summary>
    public static IResult Draw<TPage>(HttpContext context, object view, int status = StatusCodes.Status200OK)
        where TPage : IComponent
    {
        context.Response.SetContentSecurityPolicy(SecurityHeadersMiddleware.PagePolicy);
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<TPage>(new Dictionary<string, object?> { ["View"] = view }) { StatusCode = status, PreventStreamingRendering = true };
    }
}
