using System.Security.Cryptography;
using System.Text.Json;
using Hub.Contents.FileSystem;
using Hub.Http;

namespace Hub.Contents;

/// <summary>
/// What hangs on a file's path: <c>…/checkpoints</c>, <c>…/checkpoints/{id}</c> and <c>…/trust</c>. Only where the part before is no directory: a directory
/// has neither, so a directory or file of that name in it stays reachable (every machine learning project has a directory <c>checkpoints</c>).
/// </summary>
internal static class CheckpointsApi
{
    private const string Checkpoints = "checkpoints";

    /// <summary>What the path asks for if it is not a file or directory itself.</summary>
    /// <param name="Id">Of one checkpoint; null for all.</param>
    internal sealed record Suffix(ContentPath File, string? Id, bool IsTrust);

    /// <summary>Null when the path means just itself.</summary>
    public static async Task<Suffix?> FindAsync(ContentCall call, CancellationToken cancellationToken)
    {
        if (Split(call.Path) is not { } suffix)
            return null;
        FileStatus? file = await call.RunAsync(root => root.FindStatus(suffix.File), cancellationToken);
        return file is { Kind: FileKind.Directory } ? null : suffix;
    }

    public static async Task<IResult> ListAsync(ContentCall call, CancellationToken cancellationToken)
    {
        List<(string Id, DateTimeOffset LastModified)> kept = await call.RunAsync(root => Of(root, call).List(call.Path), cancellationToken);
        return ContentsApi.Json(writer =>
        {
            writer.WriteStartArray();
            foreach ((string id, DateTimeOffset lastModified) in kept)
                Write(writer, id, lastModified);
            writer.WriteEndArray();
        });
    }

    public static async Task<IResult> CreateAsync(HttpContext context, ContentCall call)
    {
        (string id, DateTimeOffset lastModified) = await call.RunAsync(root => Of(root, call).Create(call.Path), context.RequestAborted);
        context.Response.Headers.Location = ContentsApi.LocationOf(context, call.Path, $"/{Checkpoints}/{id}");
        return ContentsApi.Json(writer => Write(writer, id, lastModified), StatusCodes.Status201Created);
    }

    public static async Task<IResult> RestoreAsync(ContentCall call, string id, CancellationToken cancellationToken)
    {
        await call.RunAsync(
            root =>
            {
                Of(root, call).Restore(call.Path, id);
                return true;
            },
            cancellationToken);
        return Results.NoContent();
    }

    public static async Task<IResult> DeleteAsync(ContentCall call, string id, CancellationToken cancellationToken)
    {
        await call.RunAsync(
            root =>
            {
                Of(root, call).Delete(call.Path, id);
                return true;
            },
            cancellationToken);
        return Results.NoContent();
    }

    /// <summary>Trusts the notebook as it is on disk now.</summary>
    public static async Task<IResult> TrustAsync(ContentCall call, TrustStore trust, CancellationToken cancellationToken)
    {
        if (!call.Path.IsNotebook)
            throw new ContentException(ContentFailure.BadRequest, $"'{call.Path}' is not a notebook");
        string hash = await call.RunAsync(
            root =>
            {
                using OpenedFile file = root.OpenFile(call.Path);
                return Convert.ToHexStringLower(SHA256.HashData(file.ReadAll(call.Options.MaxNotebookBytes, "Contents:MaxNotebookBytes")));
            },
            cancellationToken);
        await trust.TrustAsync(call.UserId, hash, cancellationToken);
        return Results.StatusCode(StatusCodes.Status201Created);
    }

    private static Suffix? Split(ContentPath path) => path.Segments switch
    {
        [.., Checkpoints] => new Suffix(path.Parent, null, IsTrust: false),
        [.., Checkpoints, var id] => new Suffix(path.Parent.Parent, id, IsTrust: false),
        [.., "trust"] => new Suffix(path.Parent, null, IsTrust: true),
        _ => null,
    };

    private static void Write(Utf8JsonWriter writer, string id, DateTimeOffset lastModified)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("last_modified", ApiTime.Format(lastModified));
        writer.WriteEndObject();
    }

    private static Contents.Checkpoints Of(ContentRoot root, ContentCall call) => new(root, call.Options);
}
