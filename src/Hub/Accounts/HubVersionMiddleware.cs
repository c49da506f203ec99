namespace Hub.Accounts;

/// <summary>Every answer of <c>/hub/api</c>, errors too, says which level of JupyterHub's API it speaks.</summary>
internal sealed class HubVersionMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/hub/api"))
        {
            // At the last moment: an error clears the headers set before it.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["X-JupyterHub-Version"] = HubApi.Version;
                return Task.CompletedTask;
            });
        }
        return next(context);
    }
}
