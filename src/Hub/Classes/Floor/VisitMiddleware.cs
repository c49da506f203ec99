using Hub.Accounts;
using Hub.Http;

namespace Hub.Classes.Floor;

/// <summary>
/// Watches the door of a student's default server, the only one a visit leads into: a visitor is known to be inside, a viewer changes nothing, and a viewer's page whose visit is over does nothing at all. Kernel
/// channels are opened by GET, so there <see cref="Caller.ReadsOnly"/> goes on to those who read what a page asks.
/// </summary>
internal sealed class VisitMiddleware(RequestDelegate next, Visits visits)
{
    /// <summary>Why something is refused; also what kernels are said to answer.</summary>
    public const string ViewersOnlyLook = "You look in as a viewer (a visit of your class): files, kernels and settings of this server are not yours to change. Step in as a helper to do so.";

    private const string Over = "Your visit is over: the class ended, its time is up, or you left. Step in again from your class.";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/user") || context.ServerName().Length > 0 || context.GetRouteValue("user") is not string student
            || context.FindCaller() is not { Service: null } caller || caller.UserName == student)
        {
            await next(context);
            return;
        }
        bool opensPage = HttpMethods.IsGet(context.Request.Method) && !context.WebSockets.IsWebSocketRequest && !context.Request.IsApiLike();
        string wished = context.Request.Query["visit"].ToString();
        if (visits.Find(caller.UserName, student) is not { } visit)
            await WithoutAsync(context, caller, student, opensPage, wished);
        else if (wished.Length > 0 && wished != visit.Id && opensPage)
            await ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, Over);
        else
            await WithinAsync(context, caller, visit, opensPage);
    }

    private async Task WithoutAsync(HttpContext context, Caller caller, string student, bool opensPage, string wished)
    {
        // With rights of their own somebody comes in without a visit; but not by a page that was to read only. Tokens are of programs.
        bool shut = !caller.ByToken && visits.IsShut(caller.UserName, student);
        if ((shut && !opensPage) || (wished.Length > 0 && opensPage))
        {
            await ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, Over);
            return;
        }
        if (shut)
            visits.Forget(caller.UserName, student);
        await next(context);
    }

    private async Task WithinAsync(HttpContext context, Caller caller, Visit visit, bool opensPage)
    {
        await visits.NoteRequestAsync(visit, opensPage);
        if (visit.Role == VisitRole.Viewer)
        {
            if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            {
                await ErrorAnswer.WriteAsync(context, StatusCodes.Status403Forbidden, ViewersOnlyLook);
                return;
            }
            context.SetCaller(caller with { ReadsOnly = true });
        }
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await next(context);
            return;
        }
        bool ended = false;
        using IDisposable open = visits.Connect(visit, () =>
        {
            Volatile.Write(ref ended, true);
            context.Abort();
        });
        try
        {
            await next(context);
        }
        catch (Exception) when (Volatile.Read(ref ended))
        {
            // Cut on purpose; whatever the socket's owner made of it is no failure.
        }
    }
}
