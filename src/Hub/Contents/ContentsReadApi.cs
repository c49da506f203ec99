using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Hub.Accounts;
using Hub.Contents.FileSystem;
using Hub.Contents.Notebooks;
using Hub.Contents.Watching;

namespace Hub.Contents;

/// <summary>GET of <c>api/contents</c>: models, with content that is sent while it is read.</summary>
internal static class ContentsReadApi
{
    /// <summary>Bytes per line of base64, as Python's <c>encodebytes</c> makes them: 76 characters.</summary>
    private const int LineBytes = 57;

    private const int SendAt = 64 << 10;

    /// <summary>Entries of a listing that are looked at in one go; a listing of no more has a tag.</summary>
    private const int EntriesAtOnce = 1000;

    public static async Task<IResult> GetAsync(HttpContext context, ContentCall call, NotebookTurns turns, TrustStore trust, HomeWatcher watcher)
    {
        Wish wish = Wish.Of(context.Request.Query) is var asked && HttpMethods.IsHead(context.Request.Method) ? asked with { Content = false } : asked;
        ContentModel model = await call.DescribeAsync(call.Path, context.RequestAborted);
        // A front end saves nothing, and offers no saving, of what is said not to be writable.
        if (context.FindCaller() is { ReadsOnly: true })
            model = model with { Writable = false };
        if (model.Type == "directory")
            return await GetDirectoryAsync(context, call, model, wish, watcher);
        if (wish.Type == "directory")
            throw new ContentException(ContentFailure.BadRequest, $"{call.Path.Text} is not a directory", "bad type");
        string type = wish.Type is null ? model.Type : wish.Type == "notebook" ? "notebook" : "file";
        if (type != model.Type)
            model = model with { Type = type, MimeType = type == "notebook" ? null : MimeTypes.Guess(call.Path.Name) };
        using OpenedFile file = await call.RunAsync(
            root =>
            {
                Watch(root, call, call.Path.Parent, watcher);
                return root.OpenFile(call.Path);
            },
            context.RequestAborted);
        // The open file is what is sent; it may be another than the one just described.
        model = model with { LastModified = file.Status.Modified, Created = file.Status.Created, Size = file.Status.Size, Tag = FileTag.Of(file.Status, model.Writable) };
        context.Response.Headers.ETag = model.Tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        ContentsApi.SetLastModified(context, model);
        return (type, wish.Content) switch
        {
            (_, false) => await GetModelAsync(context, call, model, file, wish),
            ("notebook", true) => await GetNotebookAsync(context, call, model, file, wish, turns, trust),
            _ => await GetFileAsync(context, call, model, file, wish),
        };
    }

    private static async Task<IResult> GetDirectoryAsync(HttpContext context, ContentCall call, ContentModel model, Wish wish, HomeWatcher watcher)
    {
        if (wish.Type is not (null or "directory"))
            throw new ContentException(ContentFailure.BadRequest, $"{call.Path} is a directory, not a {wish.Type}", "bad type");
        if (!wish.Content)
            return ContentsApi.Answer(context, StatusCodes.Status200OK, model, withLocation: false);
        using ListingSession listing = await call.RunAsync(
            () =>
            {
                ListingSession begun = new(call.Home, call.Path, call.Options, call.Now);
                // Before anything is looked at: what changes from now on is told.
                watcher.Look(call.Home.UserName, begun.Directory);
                return begun;
            },
            context.RequestAborted);
        List<ContentModel> entries = await call.RunAsync(() => listing.Next(EntriesAtOnce), context.RequestAborted);
        ContentsApi.SetLastModified(context, model);
        if (!listing.IsOver)
            return await SendListingAsync(context, call, model, listing, entries);
        return ContentsApi.Json(writer =>
        {
            model.WriteStart(writer, "json");
            writer.WriteStartArray("content");
            foreach (ContentModel entry in entries)
                entry.Write(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>A long listing is sent while it is made, and so has no tag of what it says.</summary>
    private static async Task<IResult> SendListingAsync(HttpContext context, ContentCall call, ContentModel model, ListingSession listing, List<ContentModel> entries)
    {
        context.Response.Headers.CacheControl = "no-store";
        await using Utf8JsonWriter writer = Begin(context, model, "json");
        writer.WriteStartArray();
        while (true)
        {
            foreach (ContentModel entry in entries)
                entry.Write(writer);
            await SendAsync(context, writer, 0);
            if (listing.IsOver)
                break;
            entries = await call.RunAsync(() => listing.Next(EntriesAtOnce), context.RequestAborted);
        }
        writer.WriteEndArray();
        return await EndAsync(context, writer);
    }

    private static void Watch(ContentRoot root, ContentCall call, ContentPath path, HomeWatcher watcher)
    {
        using OpenedDirectory directory = root.OpenDirectory(path);
        watcher.Look(call.Home.UserName, directory);
    }

    private static async Task<IResult> GetModelAsync(HttpContext context, ContentCall call, ContentModel model, OpenedFile file, Wish wish)
    {
        if (wish.Hash)
            model = model with { Hash = (await call.RunAsync(() => FileScan.Of(file, context.RequestAborted), context.RequestAborted)).Hash };
        return ContentsApi.Answer(context, StatusCodes.Status200OK, model, withLocation: false);
    }

    private static async Task<IResult> GetNotebookAsync(
        HttpContext context, ContentCall call, ContentModel model, OpenedFile file, Wish wish, NotebookTurns turns, TrustStore trust)
    {
        using IDisposable turn = await turns.EnterAsync(call.Home.UserName, context.RequestAborted);
        byte[] bytes = await call.RunAsync(() => file.ReadAll(call.Options.MaxNotebookBytes, "Contents:MaxNotebookBytes"), context.RequestAborted);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        using NotebookDocument notebook = NotebookDocument.Parse(bytes, call.Path.Text, call.Options.MaxJsonDepth);
        bool trusted = await trust.IsTrustedAsync(call.UserId, hash, context.RequestAborted);
        model = model with { Message = notebook.Problem, Hash = wish.Hash ? hash : null };
        await using Utf8JsonWriter writer = Begin(context, model, "json");
        await writer.FlushAsync(context.RequestAborted);
        JsonTextWriter content = new(context.Response.BodyWriter, indented: false);
        content.WriteStartObject();
        foreach (JsonProperty member in notebook.Json.RootElement.EnumerateObject())
        {
            NotebookCodec.WriteName(member, content);
            if (!member.NameEquals("cells"u8) || member.Value.ValueKind != JsonValueKind.Array)
            {
                NotebookCodec.WriteAny(member.Value, content, sorted: false);
                continue;
            }
            content.WriteStartArray();
            foreach (JsonElement cell in member.Value.EnumerateArray())
            {
                NotebookCodec.WriteApiCell(cell, trusted, content);
                await SendAsync(context, writer, SendAt);
            }
            content.WriteEndArray();
        }
        content.WriteEndObject();
        return await EndAsync(context, writer);
    }

    private static async Task<IResult> GetFileAsync(HttpContext context, ContentCall call, ContentModel model, OpenedFile file, Wish wish)
    {
        FileScan? scan = wish.Format == "base64" && !wish.Hash
            ? null
            : await call.RunAsync(() => FileScan.Of(file, context.RequestAborted), context.RequestAborted);
        if (wish.Format == "text" && scan is { IsUtf8: false })
            throw new ContentException(ContentFailure.BadRequest, $"{call.Path.Text} is not UTF-8 encoded", "bad format");
        bool asText = wish.Format == "text" || (wish.Format is null && scan is { IsUtf8: true });
        model = model with { MimeType = model.MimeType ?? (asText ? "text/plain" : "application/octet-stream"), Hash = wish.Hash ? scan?.Hash : null };
        await using Utf8JsonWriter writer = Begin(context, model, asText ? "text" : "base64");
        // Whole lines of base64, so that only the last read can end inside of one.
        byte[] buffer = new byte[LineBytes * 2048];
        byte[] lines = asText ? [] : new byte[2048 * 77];
        for (long offset = 0; ;)
        {
            int read = await call.RunAsync(() => Fill(file, buffer, offset), context.RequestAborted);
            if (read == 0)
                break;
            if (asText)
                writer.WriteStringValueSegment(buffer.AsSpan(0, read), isFinalSegment: false);
            else
                writer.WriteStringValueSegment(lines.AsSpan(0, Encode(buffer.AsSpan(0, read), lines)), isFinalSegment: false);
            offset += read;
            await SendAsync(context, writer, 0);
        }
        writer.WriteStringValueSegment(ReadOnlySpan<byte>.Empty, isFinalSegment: true);
        return await EndAsync(context, writer);
    }

    private static int Fill(OpenedFile file, byte[] buffer, long offset)
    {
        int filled = 0;
        for (int read; filled < buffer.Length && (read = file.Read(buffer.AsSpan(filled), offset + filled)) > 0;)
            filled += read;
        return filled;
    }

    private static int Encode(ReadOnlySpan<byte> bytes, Span<byte> lines)
    {
        int length = 0;
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(LineBytes, bytes.Length)..])
        {
            Base64.EncodeToUtf8(bytes[..Math.Min(LineBytes, bytes.Length)], lines[length..], out _, out int written);
            length += written;
            lines[length++] = (byte)'\n';
        }
        return length;
    }

    private static Utf8JsonWriter Begin(HttpContext context, ContentModel model, string format)
    {
        context.Response.ContentType = "application/json";
        Utf8JsonWriter writer = new(context.Response.BodyWriter, ContentsApi.WriterOptions);
        model.WriteStart(writer, format);
        writer.WritePropertyName("content");
        return writer;
    }

    private static async ValueTask SendAsync(HttpContext context, Utf8JsonWriter writer, long sendAt)
    {
        if (writer.BytesPending + context.Response.BodyWriter.UnflushedBytes <= sendAt)
            return;
        await writer.FlushAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        context.RequestAborted.ThrowIfCancellationRequested();
    }

    private static async Task<IResult> EndAsync(HttpContext context, Utf8JsonWriter writer)
    {
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        return Results.Empty;
    }

    /// <summary>What the query asks for; keys that mean nothing are passed over, since browsers add a number against caches.</summary>
    private sealed record Wish(string? Type, string? Format, bool Content, bool Hash)
    {
        public static Wish Of(IQueryCollection query)
        {
            string? format = Last(query, "format");
            if (format is not (null or "text" or "base64"))
                throw new ContentException(ContentFailure.BadRequest, $"Format '{Short(format)}' is invalid: it must be text or base64");
            return new Wish(Last(query, "type"), format, Flag(query, "content", otherwise: true), Flag(query, "hash", otherwise: false));
        }

        private static bool Flag(IQueryCollection query, string name, bool otherwise) => Last(query, name) switch
        {
            null => otherwise,
            "0" => false,
            "1" => true,
            var other => throw new ContentException(ContentFailure.BadRequest, $"{name} '{Short(other)}' is invalid: it must be 0 or 1"),
        };

        private static string? Last(IQueryCollection query, string name) => query[name] is [.., { Length: > 0 } last] ? last : null;

        private static string Short(string text) => text[..Math.Min(text.Length, 40)];
    }
}
