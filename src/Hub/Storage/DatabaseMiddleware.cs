using System.Data.Common;
using System.Globalization;
using Hub.Http;

namespace Hub.Storage;

/// <summary>When the database is away, held by somebody else or full, a request that needs it is answered 503 and may be sent again; the hub goes on.</summary>
internal sealed partial class DatabaseMiddleware(RequestDelegate next, ILogger<DatabaseMiddleware> logger)
{
    private const int RetryAfterSeconds = 5;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (DbException failure) when (!context.Response.HasStarted)
        {
            LogUnavailable(failure, context.GetEndpoint()?.DisplayName);
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            await ErrorAnswer.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable, "The hub cannot use its database at the moment; nothing was changed. Try again in a few seconds.");
        }
    }

    [LoggerMessage(201, LogLevel.Error, "The database failed for {Endpoint}")]
    private partial void LogUnavailable(Exception failure, string? endpoint);
}
