using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// Where a provider itself says that somebody signed out there (<see href="https://openid.net/specs/openid-connect-backchannel-1_0.html">Back-Channel Logout</see>):
/// the sign-ins that came by it end here, with all that is open by them.
/// </summary>
internal sealed partial class BackChannelLogoutApi(
    OpenIdProviders providers, OpenIdSignInsStore signIns, UsedOnceStore used, CallerWatch watch, EventStream events, TimeProvider time, ILogger<BackChannelLogoutApi> logger)
{
    private const string Why = "The provider signs what it sends";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/hub/openid/{provider}/logout", (BackChannelLogoutApi api, HttpContext context, string provider) => api.LogOutAsync(context, provider))
            .Public(Why).WithoutXsrf(Why);
        foreach (IConfigurationSection one in OpenIdServices.SectionsOf(routes.ServiceProvider.GetRequiredService<IConfiguration>()))
        {
            if (one[nameof(OpenIdProviderOptions.RemoteSignOutPath)] is { Length: > 0 } path)
                routes.MapPost(path, (BackChannelLogoutApi api, HttpContext context) => api.LogOutAsync(context, one.Key)).Public(Why).WithoutXsrf(Why);
        }
    }

    /// <summary>200 when the sign-ins have ended, even if there were none; 400 when the token is not believed, and 503 when that cannot be said (§ 2.8).</summary>
    private async Task<IResult> LogOutAsync(HttpContext context, string name)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (providers.Find(name) is not { } client)
            return Wrong(StatusCodes.Status404NotFound, "there is no such provider");
        int longest = client.Provider.Options.MaxTokenLength + 1024;
        if (context.Request.ContentLength > longest || !context.Request.HasFormContentType)
            return Wrong(StatusCodes.Status400BadRequest, "a form with logout_token is expected");
        string token;
        try
        {
            IFormCollection form = await context.Request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = longest, ValueLengthLimit = longest }, context.RequestAborted);
            token = form["logout_token"].ToString();
        }
        catch (InvalidDataException)
        {
            return Wrong(StatusCodes.Status400BadRequest, "the form cannot be read");
        }
        try
        {
            JsonObject claims = await client.ReadLogoutTokenAsync(token, context.RequestAborted);
            if (!await used.IsFirstAsync($"{name} {JwtCodec.Text(claims, "jti")}", UntilTooOld(claims, client.Provider.Options), context.RequestAborted))
                throw new OpenIdException(OpenIdRefusal.UsedAnswer, "the token was used before (jti)");
            await EndAsync(name, claims, context.RequestAborted);
            return Results.Ok();
        }
        catch (OpenIdException refused)
        {
            LogRefused(name, refused.Message);
            return refused.Refusal is OpenIdRefusal.ProviderAway or OpenIdRefusal.ProviderWrong
                ? Wrong(StatusCodes.Status503ServiceUnavailable, "the keys to check the token by cannot be had")
                : Wrong(StatusCodes.Status400BadRequest, refused.Message);
        }
    }

    private async Task EndAsync(string name, JsonObject claims, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Number, string UserName)> ended =
            await signIns.EndAsync(JwtCodec.Text(claims, "iss")!, JwtCodec.Text(claims, "sub"), JwtCodec.Text(claims, "sid"), cancellationToken);
        foreach ((long number, string userName) in ended)
        {
            watch.EndSignIn($"s{number}");
            await events.PublishAsync(new HubEvent.SignedOut(time.GetUtcNow(), userName));
        }
        LogEnded(name, ended.Count);
    }

    private static DateTimeOffset UntilTooOld(JsonObject claims, OpenIdProviderOptions provider) =>
        DateTimeOffset.UnixEpoch.AddSeconds(IdTokenPolicy.Seconds(claims, "exp") ?? 0) + provider.TokenValidationParameters.ClockSkew;

    private static IResult Wrong(int status, string why) => Results.Json(new { error = "invalid_request", error_description = why }, statusCode: status);

    [LoggerMessage(708, LogLevel.Information, "{Provider} signed somebody out: {Count} sign-ins ended")]
    private partial void LogEnded(string provider, int count);

    [LoggerMessage(709, LogLevel.Warning, "{Provider}, or somebody in its name, wanted to sign somebody out, which was refused: {Why}")]
    private partial void LogRefused(string provider, string why);
}
