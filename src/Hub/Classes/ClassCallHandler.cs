using Hub.Accounts;
using Hub.Http;

namespace Hub.Classes;

/// <summary>Finds the class a request is about and asks whether the caller may do this with it. Who may not does not learn whether it exists.</summary>
internal sealed class ClassCallHandler(ClassesStore classes)
{
    public async Task<(Class? Class, IResult? Refusal)> FindAsync(HttpContext context, long id, bool manage)
    {
        Caller caller = context.GetCaller();
        if (await classes.FindAsync(id, context.RequestAborted) is { } one)
        {
            if (ClassPolicy.MayManage(caller.Scopes, one))
                return (one, null);
            bool member = !manage && await classes.FindMemberAsync(id, caller.UserName, context.RequestAborted) is not null;
            if (!manage && ClassPolicy.MayRead(caller.Scopes, one, member ? caller.UserName : null))
                return (one, null);
        }
        return (null, ApiError.Hub(StatusCodes.Status404NotFound, FormattableString.Invariant($"No such class: {id}")));
    }

    /// <summary>Scheme, host and base path as the caller's browser has them, for addresses that are shown to people.</summary>
    public static string OriginOf(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}";
}
