using Hub.Accounts;
using Hub.Classes.Materials;
using Hub.Contents;
using Hub.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Floor;

/// <summary>
/// Handing out a file while a class meets: 1. it is kept with the class, for those who join later; 2. it is put into each student's class folder, where nothing
/// bears its name; 3. their pages are told.
/// </summary>
internal sealed class HandedFilesApi(
    ClassesStore classes, ClassCallHandler calls, ClassFieldsHandler fields, ClassMaterials materials, ClassFloor floor, TimeProvider time, IOptions<ClassesOptions> options)
{
    private const int AtOnce = 4;

    /// <summary>What a form has around its file.</summary>
    private const int FormBytes = 64 << 10;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(ClassesApi.Path + "/{id:long}/files", (HandedFilesApi api, HttpContext context, long id) => api.HandOutAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);

    /// <summary>A form with <c>file</c> and perhaps <c>folder</c>, within the class' folder.</summary>
    private async Task<IResult> HandOutAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        if ((refusal ?? FloorApi.RefuseUnlessRunning(one!, time.GetUtcNow())) is { } refused)
            return refused;
        long most = options.Value.MaxHandedFileBytes;
        if (context.Request.ContentLength > most + FormBytes)
            throw TooLarge(most);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = most + FormBytes;
        IFormCollection form = await context.ReadFormBodyAsync();
        if (form.Files.GetFile("file") is not { } file || form.Files.Count > 1)
            throw new BadHttpRequestException("file is missing, or there are several: one file is handed out at a time");
        if (file.Length > most)
            throw TooLarge(most);
        ContentPath path = PathOf(form["folder"].ToString(), file.FileName);
        await KeepAsync(materials.HandedDirectoryOf(id), path, file, context.RequestAborted);

        // From here on it is handed out: a browser that goes away meanwhile leaves nobody without.
        IReadOnlyList<HandOutResult> results = await HandOutAsync(one!, path);
        await floor.SayAsync(one!, context.GetCaller(), "", path.Text, CancellationToken.None);
        return Results.Json(new
        {
            Students = results.Count,
            Path = path.Text,
            Unchanged = NamesWhere(results, result => result.Same > 0),
            Kept = NamesWhere(results, result => result.Kept > result.Same),
            Failed = results.Where(result => result.Problem is not null).Select(result => new { Name = result.UserName, result.Problem }),
        });
    }

    private async Task<IReadOnlyList<HandOutResult>> HandOutAsync(Class one, ContentPath path)
    {
        IReadOnlyList<ClassMember> students = [.. (await classes.ListMembersAsync(one.Id, CancellationToken.None)).Where(member => !member.Teacher)];
        HandOutResult[] results = new HandOutResult[students.Count];
        await Parallel.ForAsync(0, students.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, turn) =>
            results[i] = await materials.HandOutHandedAsync(one, students[i], path, turn));
        return results;
    }

    /// <summary>One name, no way out of the class' folder, and nothing that homes hide.</summary>
    private ContentPath PathOf(string folder, string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal))
            throw new BadHttpRequestException("file must have a name, without a slash in it; folder says where it goes");
        try
        {
            ContentPath path = fields.PathOf(folder.Length > 0 ? $"{folder}/{name}" : name);
            foreach (string segment in path.Segments)
                fields.PathOf(segment).CheckNew();
            if (path.IsHidden)
                throw new BadHttpRequestException($"'{path.Text}' is hidden, by the dot a name of it begins with: students would not see it");
            return path;
        }
        catch (ContentException wrong)
        {
            throw new BadHttpRequestException("file: " + wrong.Message, wrong);
        }
    }

    /// <summary>Written aside and renamed: who joins in this moment gets all of it or nothing. Only the hub writes below this directory.</summary>
    private static async Task KeepAsync(string directory, ContentPath path, IFormFile file, CancellationToken cancellationToken)
    {
        string target = Path.Combine([directory, .. path.Segments]);
        string aside = Path.Combine(directory, HubLitter.Temporary());
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using (FileStream kept = new(aside, FileMode.CreateNew))
                await file.CopyToAsync(kept, cancellationToken);
            File.Move(aside, target, overwrite: true);
        }
        catch (IOException) when (Directory.Exists(target) || !Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new BadHttpRequestException($"'{path.Text}' cannot be handed out: a file and a folder would bear the same name");
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static IEnumerable<string> NamesWhere(IReadOnlyList<HandOutResult> results, Func<HandOutResult, bool> which) => results.Where(which).Select(result => result.UserName);

    private static BadHttpRequestException TooLarge(long most) =>
        new(FormattableString.Invariant($"The file is larger than Classes:MaxHandedFileBytes ({most} bytes)."), StatusCodes.Status413PayloadTooLarge);
}
