using Hub.Http;

namespace Hub.Contents;

/// <summary>Answers what could not be done with contents, in the shape of the API; the disk's own troubles are told the operator, too.</summary>
internal sealed partial class ContentErrorHandler(ILogger<ContentErrorHandler> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        try
        {
            return await next(context);
        }
        catch (ContentException failure)
        {
            if (failure.Failure is ContentFailure.Broken or ContentFailure.NoSpace)
                LogDisk(logger, http.Request.Method, failure.Message);
            if (!http.Response.HasStarted)
                return await AnswerAsync(http, StatusOf(failure.Failure), failure.Message, failure.Reason);
        }
        catch (HomeException failure)
        {
            LogHome(logger, failure.Message);
            if (!http.Response.HasStarted)
                return await AnswerAsync(http, StatusCodes.Status500InternalServerError, "The home directory cannot be opened; the hub's operator finds the cause in its log", null);
        }
        // Half an answer is out: only breaking the connection tells the client that it is not whole.
        http.Abort();
        return Results.Empty;
    }

    private static async Task<IResult> AnswerAsync(HttpContext http, int status, string message, string? reason)
    {
        await ErrorAnswer.WriteAsync(http, status, message, reason);
        return Results.Empty;
    }

    private static int StatusOf(ContentFailure failure) => failure switch
    {
        ContentFailure.BadRequest => StatusCodes.Status400BadRequest,
        ContentFailure.Forbidden => StatusCodes.Status403Forbidden,
        ContentFailure.NotFound => StatusCodes.Status404NotFound,
        ContentFailure.Conflict => StatusCodes.Status409Conflict,
        ContentFailure.Changed => StatusCodes.Status412PreconditionFailed,
        ContentFailure.Exists => StatusCodes.Status409Conflict,
        ContentFailure.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ContentFailure.Busy => StatusCodes.Status503ServiceUnavailable,
        ContentFailure.NoSpace => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status500InternalServerError,
    };

    [LoggerMessage(903, LogLevel.Warning, "{Method} of contents failed: {Message}")]
    private static partial void LogDisk(ILogger logger, string method, string message);

    [LoggerMessage(904, LogLevel.Error, "{Message}")]
    private static partial void LogHome(ILogger logger, string message);
}
