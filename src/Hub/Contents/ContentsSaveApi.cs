using System.Buffers;
using System.IO.Pipelines;
using Hub.Accounts;
using Hub.Contents.Saving;
using Microsoft.AspNetCore.Http.Features;

namespace Hub.Contents;

/// <summary>PUT of <c>api/contents</c>: the body is read as it comes and never held.</summary>
internal static class ContentsSaveApi
{
    public static async Task<IResult> PutAsync(HttpContext context, ContentCallHandler calls, TrustStore trust, UploadTurns uploads)
    {
        ContentCall call = await calls.BeginAsync(context, ContentsApi.Segments);
        call.RequireChangeable(call.Path);
        Caller caller = context.GetCaller();
        SaveResult? saved;
        using (UploadTurn turn = uploads.Enter(call.UserId, call.Path, caller.TokenId ?? caller.SignInId ?? caller.UserName))
            saved = await SaveAsync(context, call, turn);
        if (saved is null)
            return await SaveNothingAsync(context, call);
        if (saved.TrustedHash is { } hash)
            await trust.TrustAsync(call.UserId, hash, context.RequestAborted);
        ContentModel model = await DescribeAsync(call, saved, context.RequestAborted);
        return ContentsApi.Answer(context, saved.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, model with { Message = saved.Problem, Hash = saved.Hash });
    }

    private static async Task<SaveResult?> SaveAsync(HttpContext context, ContentCall call, UploadTurn turn)
    {
        CancellationToken gone = context.RequestAborted;
        Preconditions conditions = ContentsApi.ConditionsOf(context);
        LimitBody(context, call.Options);
        using SaveSession session = await call.RunAsync(() => new SaveSession(call.Home, call.Path, call.Options, turn, conditions), gone);
        PipeReader body = context.Request.BodyReader;
        for (long length = 0; ;)
        {
            ReadResult read = await body.ReadAsync(gone);
            ReadOnlySequence<byte> bytes = read.Buffer;
            try
            {
                length += bytes.Length;
                if (length > call.Options.MaxBodyBytes)
                    throw TooLong(call.Options);
                if (!bytes.IsEmpty)
                    await call.RunAsync(() => Feed(session, bytes), gone);
            }
            finally
            {
                // Also of a body that is refused: the rest of it is passed over, and the connection kept.
                body.AdvanceTo(bytes.End);
            }
            if (read.IsCompleted)
                return await call.RunAsync(session.Finish, gone);
        }
    }

    /// <summary>An empty body asks for a new untitled file in the directory of the path.</summary>
    private static async Task<IResult> SaveNothingAsync(HttpContext context, ContentCall call)
    {
        ContentPath made = await ContentsChangeApi.CreateUntitledAsync(call, "file", "", context.RequestAborted);
        return ContentsApi.Answer(context, StatusCodes.Status201Created, await call.DescribeAsync(made, context.RequestAborted));
    }

    private static async Task<ContentModel> DescribeAsync(ContentCall call, SaveResult saved, CancellationToken cancellationToken)
    {
        if (saved.Uploaded is not { } uploaded)
            return await call.DescribeAsync(saved.Path, cancellationToken);
        return new ContentModel
        {
            Path = saved.Path,
            Type = saved.Path.IsNotebook ? "notebook" : "file",
            Created = call.Now,
            LastModified = call.Now,
            Writable = true,
            Size = uploaded,
            MimeType = saved.Path.IsNotebook ? null : MimeTypes.Guess(saved.Path.Name),
        };
    }

    private static void LimitBody(HttpContext context, ContentsOptions options)
    {
        if (context.Request.ContentLength > options.MaxBodyBytes)
            throw TooLong(options);
        // The general limit is made for bodies that are held in memory.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
    }

    private static bool Feed(SaveSession session, ReadOnlySequence<byte> bytes)
    {
        session.Feed(bytes);
        return true;
    }

    private static ContentException TooLong(ContentsOptions options) =>
        new(ContentFailure.TooLarge, $"The body is longer than Contents:MaxBodyBytes ({options.MaxBodyBytes} bytes); upload the file in pieces");
}
