using Hub.Contents.FileSystem;

namespace Hub.Contents;

/// <summary>Which page of a user's server shows a file: notebooks and text are edited, everything else is the browser's to show.</summary>
internal sealed class DocumentPages(ContentCallHandler calls)
{
    private const int LookedAt = 4096;

    /// <summary><c>notebooks</c>, <c>edit</c> or <c>files</c>; null for a directory, for what is not there, and for what the asker may not see.</summary>
    /// <remarks>The path is what follows three segments of the request's own, as in <c>/user/{user}/tree/{path}</c>.</remarks>
    public async Task<string?> FindAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            ContentCall call = await calls.BeginAsync(context, 3);
            call.RequireVisible();
            if (call.Path.IsRoot)
                return null;
            ContentModel model = await call.DescribeAsync(call.Path, cancellationToken);
            return model.Type switch
            {
                "directory" => null,
                "notebook" => "notebooks",
                _ => IsText(model.MimeType) ?? await LooksLikeTextAsync(call, cancellationToken) ? "edit" : "files",
            };
        }
        catch (Exception failure) when (failure is ContentException or HomeException)
        {
            return null; // the page says it better than a redirect could
        }
    }

    /// <summary>Null when the type says nothing.</summary>
    private static bool? IsText(string? type) => type switch
    {
        null => null,
        "text/html" => false,
        _ when type.StartsWith("text/", StringComparison.Ordinal) => true,
        "application/json" or "application/yaml" or "application/toml" or "application/geo+json" => true,
        _ => false,
    };

    private static Task<bool> LooksLikeTextAsync(ContentCall call, CancellationToken cancellationToken) => call.RunAsync(
        root =>
        {
            using OpenedFile file = root.OpenFile(call.Path);
            byte[] head = new byte[LookedAt];
            return !head.AsSpan(0, file.Read(head, 0)).Contains((byte)0);
        },
        cancellationToken);
}
