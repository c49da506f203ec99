using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Hub.Http;

/// <summary>
/// Answers that are asked for again and again (kernels, sessions, kernelspecs, listings) carry a tag of what they say; whoever brings the tag back and
/// would be told the same gets 304 and no body (RFC 9110, 13.1.2). The tag is weak, since an answer may be compressed on its way.
/// </summary>
public static class EntityTag
{
    /// <summary>Tags the answers of this group's GET endpoints that are JSON made in memory; what is streamed stays as it is.</summary>
    public static RouteGroupBuilder AnswerUnchanged(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (call, next) =>
        {
            object? result = await next(call);
            return HttpMethods.IsGet(call.HttpContext.Request.Method) && result is IResult answer and IValueHttpResult
                && answer is not IStatusCodeHttpResult { StatusCode: not (null or StatusCodes.Status200OK) }
                ? new Tagged(answer)
                : result;
        });
        return group;
    }

    /// <summary>The answer has a tag already; true when the client has this very answer, and 304 is set.</summary>
    public static bool IsKnown(HttpContext context) => IsKnown(context, EntityTagHeaderValue.Parse(context.Response.Headers.ETag.ToString()));

    /// <summary>Sets the tag of <paramref name="body"/>; true when the client has this very answer, and 304 is set.</summary>
    public static bool IsKnown(HttpContext context, ReadOnlySpan<byte> body)
    {
        EntityTagHeaderValue tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"", isWeak: true);
        context.Response.Headers.ETag = tag.ToString();
        return IsKnown(context, tag);
    }

    private static bool IsKnown(HttpContext context, EntityTagHeaderValue tag)
    {
        // Without it a browser may guess from Last-Modified how long the answer stays true.
        if (context.Response.Headers.CacheControl.Count == 0)
            context.Response.Headers.CacheControl = "private, no-cache";
        if (!context.Request.GetTypedHeaders().IfNoneMatch.Any(held => held == EntityTagHeaderValue.Any || held.Compare(tag, useStrongComparison: false)))
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        context.Response.ContentType = null;
        context.Response.ContentLength = null;
        return true;
    }

    /// <summary>Lets the result write into memory first, then sends it or 304.</summary>
    private sealed class Tagged(IResult answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            IHttpResponseBodyFeature wire = httpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
            using MemoryStream body = new();
            try
            {
                httpContext.Response.Body = body;
                await answer.ExecuteAsync(httpContext);
                await httpContext.Response.BodyWriter.FlushAsync(httpContext.RequestAborted);
            }
            finally
            {
                httpContext.Features.Set(wire);
            }
            ReadOnlyMemory<byte> bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
            if (IsKnown(httpContext, bytes.Span))
                return;
            httpContext.Response.ContentLength = bytes.Length;
            await httpContext.Response.Body.WriteAsync(bytes, httpContext.RequestAborted);
        }
    }
}
