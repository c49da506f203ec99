namespace Hub.Http;

/// <summary>What the ends of a connection tell each other: the pipeline, which sees requests, and <see cref="RefusalHandler"/>, which sees bytes.</summary>
internal sealed class ConnectionPhase
{
    /// <summary>A request is in the pipeline: whatever is written now is an answer of ours.</summary>
    public bool InPipeline { get; set; }

    /// <summary>An answer was given to a request that was not read to its end; the rest is read and dropped, or the client never sees the answer.</summary>
    public bool MustDrain { get; set; }

    /// <summary>The first station: marks that a request is being answered.</summary>
    internal static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<ConnectionPhase>() is not { } phase)
        {
            await next(context);
            return;
        }
        phase.InPipeline = true;
        try
        {
            await next(context);
        }
        finally
        {
            phase.InPipeline = false;
        }
    }
}
