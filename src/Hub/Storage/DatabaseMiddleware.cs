using System.Data.Common;
using Hub.Http;

namespace Hub.Storage;

/// <summary>A database that does not answer is no defect: whoever asked is told to try again, and what needs no database goes on.</summary>
public sealed partial class DatabaseMiddleware(RequestDelegate next, ILogger<DatabaseMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (DbException away) when (!context.Response.HasStarted)
        {
            LogAway(away, context.Request.Method, context.GetEndpoint()?.DisplayName);
            context.Response.Headers.RetryAfter = "5";
            await ErrorAnswer.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable, "The hub's database does not answer. Try again in a moment; what runs goes on.");
        }
    }

    [LoggerMessage(219, LogLevel.Error, "{Method} {Endpoint} failed: the database does not answer")]
    private partial void LogAway(Exception away, string method, string? endpoint);
}
