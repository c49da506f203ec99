using Microsoft.AspNetCore.Diagnostics;

namespace Hub.Http;

/// <summary>
/// The outermost station: turns what endpoints throw, and statuses without a body (no route, wrong method), into errors of the right shape.
/// Nothing of a stack trace ever leaves the hub.
/// </summary>
public sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null or 0, ContentType: null }
                && context.Features.Get<IStatusCodePagesFeature>() is null or { Enabled: true })
                await ErrorAnswer.WriteAsync(context, context.Response.StatusCode, Describe(context));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away: nobody is left to be told.
        }
        catch (BadHttpRequestException bad)
        {
            LogRefused(logger, context.Request.Method, bad.StatusCode, bad.Message);
            if (bad.StatusCode == StatusCodes.Status413PayloadTooLarge && context.Features.Get<ConnectionPhase>() is { } phase)
                phase.MustDrain = true;
            await AnswerAsync(context, bad.StatusCode, bad.Message);
        }
        catch (Exception unhandled)
        {
            LogUnhandled(logger, unhandled, context.Request.Method, context.GetEndpoint()?.DisplayName, context.TraceIdentifier);
            await AnswerAsync(context, StatusCodes.Status500InternalServerError, "Unhandled error");
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer is out: only breaking the connection tells the client that it is not whole.
            context.Abort();
            return;
        }
        context.Response.Clear();
        SecurityHeadersMiddleware.Apply(context);
        await ErrorAnswer.WriteAsync(context, status, message);
    }

    private static string Describe(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "Not Found",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible here. Allowed: {context.Response.Headers.Allow}",
        StatusCodes.Status403Forbidden => "Forbidden",
        StatusCodes.Status415UnsupportedMediaType => "The body's Content-Type is not understood here.",
        int status => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
    };

    [LoggerMessage(100, LogLevel.Debug, "{Method} refused with {Status}: {Why}")]
    private static partial void LogRefused(ILogger logger, string method, int status, string why);

    [LoggerMessage(101, LogLevel.Error, "{Method} {Endpoint} failed; reference {Reference}")]
    private static partial void LogUnhandled(ILogger logger, Exception unhandled, string method, string? endpoint, string reference);
}
