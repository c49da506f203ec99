using Hub.Accounts;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Contents;

/// <summary>Finds out whose home and which path a request is about.</summary>
internal sealed partial class ContentCallHandler(
    AccountsStore accounts, Homes homes, ContentThreads threads, IOptions<ContentsOptions> options, TimeProvider time, ILogger<ContentCallHandler> logger)
{
    /// <param name="segments">Segments of the request's path before the path in the home.</param>
    /// <exception cref="ContentException">No such user, or not a path.</exception>
    public async Task<ContentCall> BeginAsync(HttpContext context, int segments)
    {
        string user = UserName.Normalise((string)context.Request.RouteValues["user"]!);
        ContentPath path = ContentPath.Parse(context.DecodedTail(segments), options.Value);
        LogCall(logger, user, context.Request.Method, path);
        long id = await FindUserAsync(context, user);
        HomeDirectory home = await threads.RunAsync(user, () => homes.Open(id, user), context.RequestAborted);
        return new ContentCall(id, home, path, options.Value, threads, time.GetUtcNow());
    }

    /// <summary>Usually people look at their own files, and then nothing need be asked of the database.</summary>
    private async Task<long> FindUserAsync(HttpContext context, string user)
    {
        if (context.FindCaller() is { } caller && caller.UserName == user)
            return caller.UserId;
        User? found = await accounts.FindAsync(user, context.RequestAborted);
        return found?.Id ?? throw new ContentException(ContentFailure.NotFound, "No such user");
    }

    [LoggerMessage(902, LogLevel.Debug, "{Method} {Path} of {User}")]
    private static partial void LogCall(ILogger logger, string user, string method, ContentPath path);
}
