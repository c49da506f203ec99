using Microsoft.AspNetCore.Http.Features;

namespace Hub.Http;

/// <summary>
/// Refuses paths that climb (a <c>.</c> or <c>..</c> segment in any encoding), hold a NUL, or cannot be decoded. No browser sends one: it resolves
/// dots itself. Refusing them here means that no later station can understand such a path differently from the one that checked it.
/// </summary>
public static class RawPathMiddleware
{
    internal static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (Refusal(target) is var (status, why))
            await ErrorAnswer.WriteAsync(context, status, why);
        else
            await next(context);
    }

    /// <summary>Status and reason, or null when the path is fine.</summary>
    internal static (int Status, string Why)? Refusal(string rawTarget)
    {
        ReadOnlySpan<char> raw = RawPath.PathOf(rawTarget);
        if (raw.IndexOf('%') < 0 && raw.IndexOf("/.", StringComparison.Ordinal) < 0)
            return null;
        if (!RawPath.TryDecode(raw, out string? path))
            return (StatusCodes.Status400BadRequest, "The path has malformed percent escapes; it must be percent-encoded UTF-8.");
        if (path.Contains('\0', StringComparison.Ordinal))
            return (StatusCodes.Status404NotFound, "The path holds a NUL character; no file or directory can be named so.");
        foreach (Range segment in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(segment) is "." or "..")
                return (StatusCodes.Status404NotFound, "The path has a '.' or '..' segment; paths start at the home and cannot leave it.");
        }
        return null;
    }
}
