using Microsoft.AspNetCore.Http.Features;

namespace Hub.Http;

/// <summary>Which server of a user a request below <c>/user/{user}/</c> is to, and the address it came under before the name was taken out of it.</summary>
public static class ServerAddress
{
    private static readonly object Key = new();

    /// <summary>The name of the server; empty for the default one, and for requests to no server.</summary>
    public static string ServerName(this HttpContext context) => Entered(context)?.Name ?? "";

    /// <summary>The server whose part this request asks; the user is spelled as the route value is.</summary>
    public static ServerKey Server(this HttpContext context) => new((string)context.Request.RouteValues["user"]!, context.ServerName());

    /// <summary>The path people see: with the server's name, where <c>Request.Path</c> has none.</summary>
    public static PathString AddressedPath(this HttpContext context) => Entered(context)?.Original ?? context.Request.Path;

    /// <summary>Goes on as a request to the default server's address that is meant for <see cref="NamedPath.Server"/>.</summary>
    internal static void Enter(this HttpContext context, NamedPath named)
    {
        context.Items[Key] = new Address(named.Server, context.Request.Path);
        context.Request.Path = named.Path;
        // What is read of the path as it was sent counts segments, too.
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = named.RawPath + context.Request.QueryString.Value;
    }

    private static Address? Entered(HttpContext context) => context.Items[Key] as Address;

    private sealed record Address(string Name, PathString Original);
}
