using System.Globalization;
using System.Text.Json;
using Hub.Contents.Saving;
using Hub.Contents.Watching;
using Hub.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Hub.Contents;

/// <summary><c>api/contents</c> of a user's server, as Jupyter Server has it: which request goes where, and what all answers have in common.</summary>
public static class ContentsApi
{
    /// <summary>Segments before the path in the home: <c>user</c>, the name, <c>api</c>, <c>contents</c>.</summary>
    internal const int Segments = 4;

    private const string Route = "/api/contents/{**path}";

    /// <summary>Maps everything below <c>/user/{user}/api/contents</c>.</summary>
    public static void Map(RouteGroupBuilder userServer)
    {
        RouteGroupBuilder contents = userServer.MapGroup("");
        contents.AddEndpointFilter<RouteGroupBuilder, ContentErrorHandler>();
        contents.MapMethods(Route, [HttpMethods.Get, HttpMethods.Head], GetAsync);
        contents.MapPut(Route, ContentsSaveApi.PutAsync);
        contents.MapPost(Route, PostAsync);
        contents.MapPatch(Route, ContentsChangeApi.PatchAsync);
        contents.MapDelete(Route, DeleteAsync);
    }

    private static async Task<IResult> GetAsync(HttpContext context, ContentCallHandler calls, NotebookTurns turns, UploadTurns uploads, TrustStore trust, HomeWatcher watcher)
    {
        ContentCall call = await calls.BeginAsync(context, Segments);
        call.RequireVisible();
        if (UploadsApi.IsMeant(context))
            return await UploadsApi.GetAsync(context, call, uploads);
        return await CheckpointsApi.FindAsync(call, context.RequestAborted) switch
        {
            { Id: null, IsTrust: false } kept => await CheckpointsApi.ListAsync(call with { Path = kept.File }, context.RequestAborted),
            _ => await ContentsReadApi.GetAsync(context, call, turns, trust, watcher),
        };
    }

    private static async Task<IResult> PostAsync(HttpContext context, ContentCallHandler calls, TrustStore trust)
    {
        ContentCall call = await calls.BeginAsync(context, Segments);
        call.RequireChangeable(call.Path);
        return await CheckpointsApi.FindAsync(call, context.RequestAborted) switch
        {
            { IsTrust: true } trusted => await CheckpointsApi.TrustAsync(call with { Path = trusted.File }, trust, context.RequestAborted),
            { Id: { } id } kept => await CheckpointsApi.RestoreAsync(call with { Path = kept.File }, id, context.RequestAborted),
            { } kept => await CheckpointsApi.CreateAsync(context, call with { Path = kept.File }),
            null => await ContentsChangeApi.PostAsync(context, call),
        };
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, ContentCallHandler calls, UploadTurns uploads)
    {
        ContentCall call = await calls.BeginAsync(context, Segments);
        call.RequireChangeable(call.Path);
        if (UploadsApi.IsMeant(context))
            return await UploadsApi.DeleteAsync(context, call, uploads);
        return await CheckpointsApi.FindAsync(call, context.RequestAborted) switch
        {
            { Id: { } id } kept => await CheckpointsApi.DeleteAsync(call with { Path = kept.File }, id, context.RequestAborted),
            _ => await ContentsChangeApi.DeleteAsync(call, ConditionsOf(context), context.RequestAborted),
        };
    }

    /// <summary>Where a client finds <paramref name="path"/>.</summary>
    internal static string LocationOf(HttpContext context, ContentPath path, string suffix = "") =>
        $"{context.Request.PathBase}{UserUrl.Of(context.Server())}api/contents/{string.Join('/', path.Segments.Select(Uri.EscapeDataString))}{suffix}";

    /// <summary>What the request's headers say must be true of the file it changes.</summary>
    /// <exception cref="ContentException">400: a header that cannot be understood, since to pass over it would overwrite what it protects.</exception>
    internal static Preconditions ConditionsOf(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        if (headers.IfMatch.Count == 0 && headers.IfNoneMatch.Count == 0 && headers.IfUnmodifiedSince.Count == 0)
            return Preconditions.None;
        RequestHeaders typed = context.Request.GetTypedHeaders();
        if ((headers.IfMatch.Count > 0 && typed.IfMatch.Count == 0) || (headers.IfNoneMatch.Count > 0 && typed.IfNoneMatch.Count == 0)
            || (headers.IfUnmodifiedSince.Count > 0 && typed.IfUnmodifiedSince is null))
            throw new ContentException(ContentFailure.BadRequest, "If-Match, If-None-Match or If-Unmodified-Since cannot be understood");
        return new Preconditions(TagsOf(headers.IfMatch, typed.IfMatch), TagsOf(headers.IfNoneMatch, typed.IfNoneMatch), typed.IfUnmodifiedSince);
    }

    /// <summary>A weak tag is equal to none here: a proxy that weakened it may have changed what it stands for.</summary>
    private static List<string>? TagsOf(StringValues header, IList<EntityTagHeaderValue> tags) =>
        header.Count == 0 ? null : [.. tags.Where(tag => !tag.IsWeak).Select(tag => tag.Tag.ToString())];

    /// <summary>A model without content as the whole answer.</summary>
    internal static IResult Answer(HttpContext context, int status, ContentModel model, bool withLocation = true)
    {
        if (withLocation)
            context.Response.Headers.Location = LocationOf(context, model.Path);
        SetLastModified(context, model);
        if (model.Tag is not null)
            context.Response.Headers.ETag = model.Tag;
        return Json(model.Write, status);
    }

    /// <summary>What <paramref name="write"/> writes as the whole answer.</summary>
    internal static IResult Json(Action<Utf8JsonWriter> write, int status = StatusCodes.Status200OK)
    {
        using MemoryStream body = new();
        using (Utf8JsonWriter writer = new(body, WriterOptions))
            write(writer);
        return new JsonBytes(body.GetBuffer().AsMemory(0, (int)body.Length), status);
    }

    internal static JsonWriterOptions WriterOptions { get; } = new() { Encoder = ApiJson.Options.Encoder, SkipValidation = true, MaxDepth = 1100 };

    internal static void SetLastModified(HttpContext context, ContentModel model) =>
        context.Response.Headers.LastModified = model.LastModified.ToString("R", CultureInfo.InvariantCulture);

    private sealed class JsonBytes(ReadOnlyMemory<byte> body, int status) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            bool isRead = status == StatusCodes.Status200OK && HttpMethods.IsGet(httpContext.Request.Method);
            if (isRead && (httpContext.Response.Headers.ETag.Count > 0 ? EntityTag.IsKnown(httpContext) : EntityTag.IsKnown(httpContext, body.Span)))
                return;
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/json";
            httpContext.Response.ContentLength = body.Length;
            if (!HttpMethods.IsHead(httpContext.Request.Method))
                await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
