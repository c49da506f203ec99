using Microsoft.Extensions.Options;

namespace Hub.Http;

/// <summary>Refuses requests for host names that are not ours, when <c>Http:AllowedHosts</c> names ours: a guard against DNS rebinding.</summary>
public sealed class HostMiddleware(RequestDelegate next, IOptions<HttpOptions> options)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context) =>
        _allowed.Count == 0 || _allowed.Contains(context.Request.Host.Host)
            ? next(context)
            : ErrorAnswer.WriteAsync(
                context, StatusCodes.Status403Forbidden, "The Host header names no host of this hub. Its operator lists them in Http:AllowedHosts.");
}
