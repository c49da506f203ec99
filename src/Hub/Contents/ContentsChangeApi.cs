using System.Text.Json.Nodes;
using Hub.Http;

namespace Hub.Contents;

/// <summary>POST, PATCH and DELETE of <c>api/contents</c>: new files, copies, renames, removals.</summary>
internal static class ContentsChangeApi
{
    /// <summary>A new untitled file, notebook or directory in the directory of the path, or a copy of <c>copy_from</c>.</summary>
    public static async Task<IResult> PostAsync(HttpContext context, ContentCall call)
    {
        JsonFields body = new(await context.ReadJsonObjectAsync(context.RequestAborted));
        ContentPath made = body.Text("copy_from") is { } source ? await CopyAsync(call, source, context.RequestAborted) : await CreateAsync(call, body, context.RequestAborted);
        return ContentsApi.Answer(context, StatusCodes.Status201Created, await call.DescribeAsync(made, context.RequestAborted));
    }

    public static async Task<IResult> PatchAsync(HttpContext context, ContentCallHandler calls)
    {
        ContentCall call = await calls.BeginAsync(context, ContentsApi.Segments);
        call.RequireChangeable(call.Path);
        JsonObject? body = await context.ReadJsonObjectAsync(context.RequestAborted);
        string wanted = body is null ? throw Wrong("JSON body missing") : new JsonFields(body).Text("path") ?? throw Wrong("'path' in the body is missing: the new path");
        Preconditions conditions = ContentsApi.ConditionsOf(context);
        ContentPath to = call.Parse(wanted);
        call.RequireChangeable(to);
        ContentModel renamed = await call.RunAsync(
            root =>
            {
                new ContentChanges(root, call.Options).Rename(call.Path, to, conditions);
                return call.Browser(root).Describe(to);
            },
            context.RequestAborted);
        return ContentsApi.Answer(context, StatusCodes.Status200OK, renamed);
    }

    public static async Task<IResult> DeleteAsync(ContentCall call, Preconditions conditions, CancellationToken cancellationToken)
    {
        await call.RunAsync(
            root =>
            {
                new ContentChanges(root, call.Options).Delete(call.Path, conditions, call.Options.DeleteToTrash ? new Trash(root, call.Options, call.Now) : null);
                return true;
            },
            cancellationToken);
        return Results.NoContent();
    }

    /// <summary>What a POST or a PUT without a body makes: an empty file without extension.</summary>
    public static Task<ContentPath> CreateUntitledAsync(ContentCall call, string type, string extension, CancellationToken cancellationToken) =>
        call.RunAsync(root => new ContentChanges(root, call.Options).CreateUntitled(call.Path, type, extension), cancellationToken);

    private static Task<ContentPath> CreateAsync(ContentCall call, JsonFields body, CancellationToken cancellationToken)
    {
        string extension = body.Text("ext") ?? "";
        string type = body.Text("type") ?? (extension == ".ipynb" ? "notebook" : "file");
        if (type is not ("file" or "notebook" or "directory"))
            throw Wrong($"Unhandled contents type: {type[..Math.Min(type.Length, 40)]}");
        return CreateUntitledAsync(call, type, extension, cancellationToken);
    }

    private static Task<ContentPath> CopyAsync(ContentCall call, string from, CancellationToken cancellationToken)
    {
        ContentPath source = call.Parse(from);
        if (source.IsHidden && !call.Options.AllowHidden)
            throw new ContentException(ContentFailure.NotFound, $"file or directory '{source}' does not exist");
        return call.RunAsync(root => new ContentChanges(root, call.Options).Copy(source, call.Path, cancellationToken), cancellationToken);
    }

    private static ContentException Wrong(string message) => new(ContentFailure.BadRequest, message);
}
