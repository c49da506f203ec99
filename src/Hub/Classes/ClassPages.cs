using System.Globalization;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Auth;
using Hub.Classes.Ending;
using Hub.Classes.Materials;
using Hub.Classes.Rosters;
using Hub.Events;
using Hub.Http;
using Hub.Http.Qr;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Classes;

/// <summary>A teacher's pages, with plain forms: the classes, and one class with its code, people, materials and end.</summary>
internal sealed class ClassPages(
    ClassesStore classes, ClassCallHandler calls, ClassesApi api, ClassMembersApi members, ClassFieldsHandler fields, ClassEnding ending, EnvironmentAccess access,
    EventStream events, TimeProvider time, IOptions<ClassesOptions> options)
{
    private const string Path = "/hub/classes";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (ClassPages pages, HttpContext context) => pages.ListAsync(context, [], null)).RequireScope(Scope.ReadClasses, ScopeFilter.Any);
        routes.MapPost(Path, (ClassPages pages, HttpContext context) => pages.CreateAsync(context)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(Path + "/{id:long}", (ClassPages pages, HttpContext context, long id) => pages.ShowAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(Path + "/{id:long}/qr.svg", (ClassPages pages, HttpContext context, long id) => pages.QrAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapGet(Path + "/{id:long}/export", (ClassPages pages, HttpContext context, long id) => pages.ExportAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(Path + "/{id:long}/code", (ClassPages pages, HttpContext context, long id) => pages.CodeAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(Path + "/{id:long}/roster", (ClassPages pages, HttpContext context, long id) => pages.RosterAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(Path + "/{id:long}/hand-out", (ClassPages pages, HttpContext context, long id) => pages.HandOutAsync(context, id))
            .RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(Path + "/{id:long}/remove", (ClassPages pages, HttpContext context, long id) => pages.RemoveAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
        routes.MapPost(Path + "/{id:long}/end", (ClassPages pages, HttpContext context, long id) => pages.EndAsync(context, id)).RequireScope(Scope.Classes, ScopeFilter.Any);
    }

    /// <summary>The classes of a person, for this page and their home page.</summary>
    public static ClassSummary Summary(Class one, Caller caller) => new(
        one.Name,
        one.Students,
        one.Capacity,
        one.Ended is not null,
        one.Teachers.Contains(caller.UserName, StringComparer.Ordinal),
        ClassPolicy.MayManage(caller.Scopes, one) ? string.Create(CultureInfo.InvariantCulture, $"{Path}/{one.Id}") : null);

    private async Task<IResult> ListAsync(HttpContext context, Dictionary<string, string> typed, string? error)
    {
        Caller caller = context.GetCaller();
        ClassQuery query = new(caller.Scopes.Allows(Scope.ReadClasses) ? null : caller.UserId, 0, 200);
        (IReadOnlyList<Class> found, _) = await classes.ListAsync(query, context.RequestAborted);
        bool mayCreate = ClassPolicy.MayCreate(caller.Scopes, caller.UserName, caller.Guest, options.Value.AnybodyMayTeach);
        IReadOnlyList<KernelSpec> environments = mayCreate ? (await access.OfAsync(caller.UserName, context.RequestAborted)).Usable : [];
        return HubPages.Draw<ClassesPage>(
            context,
            new ClassesView(
                context.GetPageFrame(),
                [.. found.Where(one => ClassPolicy.MayRead(caller.Scopes, one, caller.UserName)).Select(one => Summary(one, caller))],
                mayCreate ? new NewClassForm(Path, [.. environments.Select(spec => new EnvironmentChoice(spec.Name, spec.DisplayName))], Math.Min(100, options.Value.MaxCapacity), typed) : null,
                error),
            error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        IFormCollection form = await context.ReadFormBodyAsync();
        Dictionary<string, string> typed = form.Where(field => field.Key != "_xsrf").ToDictionary(field => field.Key, field => field.Value.ToString().Trim(), StringComparer.Ordinal);
        try
        {
            (Class? made, IResult? refusal) = await api.CreateAsync(context, BodyOf(typed));
            return refusal ?? SeeOther(context, $"/{made!.Id}?made");
        }
        catch (BadHttpRequestException wrong)
        {
            return await ListAsync(context, typed, wrong.Message);
        }
    }

    /// <summary>The form's fields as the API has them; only these, so that a form with more in it changes nothing more.</summary>
    private static JsonObject BodyOf(Dictionary<string, string> typed)
    {
        string? Field(string name) => typed.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

        long? Number(string name) => Field(name) is not { } value ? null
            : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw new BadHttpRequestException($"{name} must be a number");

        var body = new JsonObject { ["name"] = Field("name"), ["guests"] = Field("guests") is not null };
        if (Field("environment") is { } environment)
            body["environment"] = environment;
        if (Number("capacity") is { } capacity)
            body["capacity"] = capacity;
        if (Number("max_kernels") is { } kernels)
            body["limits"] = new JsonObject { ["max_kernels"] = kernels };
        if (Field("closes") is { } closes)
            body["closes"] = closes;
        if (Field("materials") is { } path)
            body["materials"] = new JsonObject { ["path"] = path };
        return body;
    }

    private async Task<IResult> ShowAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        string? notice = context.Request.QueryString.Value switch
        {
            "?made" => "The class is ready. Write the code on the board, or show the QR code.",
            "?renewed" => "There is a new code; the old one is worth nothing any more.",
            "?closed" => "The code is closed: nobody joins any more.",
            "?opened" => "The code is open again.",
            "?removed" => "They are no longer in the class.",
            "?ended" => "The class is over. Its archive is kept; the guests are gone.",
            _ => null,
        };
        return await DrawAsync(context, one!, notice: notice);
    }

    private async Task<IResult> DrawAsync(
        HttpContext context, Class one, string? notice = null, string? error = null, string? links = null, string roster = "", int status = StatusCodes.Status200OK)
    {
        DateTimeOffset now = time.GetUtcNow();
        string here = string.Create(CultureInfo.InvariantCulture, $"{Path}/{one.Id}");
        string self = context.GetCaller().UserName;
        IReadOnlyList<ClassMember> people = await classes.ListMembersAsync(one.Id, context.RequestAborted);
        return HubPages.Draw<ClassPage>(
            context,
            new ClassView(
                context.GetPageFrame(),
                one.Name,
                here,
                one.Code.Code,
                ClassCallHandler.OriginOf(context.Request) + JoinPages.PathOf(one.Code.Code),
                one.Code.IsGood(now) && one.Ended is null,
                one.Code.Closed,
                one.Ended is not null,
                one.Students,
                one.Capacity,
                one.Closes,
                one.MaterialsUser.Length > 0 ? one.MaterialsPath : null,
                [.. people.Select(person => new ClassPerson(person.UserName, person.DisplayName, person.Guest, person.Teacher, person.HandedOut is not null, person.UserName != self))],
                now)
            {
                Notice = notice,
                // The panel is below this room; only its address is known here.
                Wall = one.Group is { } group && context.GetCaller().Scopes.AllowsGroup(Scope.AdminUi, group)
                    ? string.Create(CultureInfo.InvariantCulture, $"{context.GetPageFrame().Panel}/classes/{one.Id}") : null,
                Error = error,
                Links = links,
                Roster = roster,
            },
            status);
    }

    /// <summary>The link as a picture to photograph; kept by no cache, since a new code has another.</summary>
    private async Task<IResult> QrAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        string link = ClassCallHandler.OriginOf(context.Request) + JoinPages.PathOf(one!.Code.Code);
        context.Response.Headers.CacheControl = "no-store";
        return QrCodeCodec.Encode(link) is { } modules
            ? Results.Text(QrSvgCodec.Encode(modules), "image/svg+xml")
            : ApiError.Hub(StatusCodes.Status404NotFound, "The address of this hub is too long for a QR code.");
    }

    private async Task<IResult> ExportAsync(HttpContext context, long id)
    {
        (_, IResult? refusal) = await FindAsync(context, id);
        return refusal ?? await api.ExportAsync(context, id);
    }

    private async Task<IResult> CodeAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        IFormCollection form = await context.ReadFormBodyAsync();
        string what = form["what"].ToString();
        if (one!.Ended is not null)
            return await DrawAsync(context, one, error: "The class is over.", status: StatusCodes.Status409Conflict);
        switch (what)
        {
            case "renew" when LimitsOf(form) is { } limits:
                await classes.RenewCodeAsync(id, limits, context.RequestAborted);
                break;
            case "renew":
                return await DrawAsync(context, one, error: "Minutes and people are whole numbers from 1, or empty.", status: StatusCodes.Status400BadRequest);
            case "close" or "open":
                await classes.CloseCodeAsync(id, what == "close", context.RequestAborted);
                break;
            default:
                return await DrawAsync(context, one, error: "The form does not say what to do with the code.", status: StatusCodes.Status400BadRequest);
        }
        string done = what switch { "renew" => "renewed", "close" => "closed", _ => "opened" };
        await events.PublishAsync(new HubEvent.ClassChanged(time.GetUtcNow(), "", id, "code-" + done) { By = context.GetCaller().UserName });
        return SeeOther(context, $"/{id}?{done}");
    }

    /// <summary>How far a new code goes; null when that is not understood.</summary>
    private ClassCode? LimitsOf(IFormCollection form)
    {
        static bool TryRead(string written, out int? number)
        {
            bool good = int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out int read) && read is >= 1 and <= 1_000_000;
            number = good ? read : null;
            return good || written.Length == 0;
        }

        return TryRead(form["minutes"].ToString().Trim(), out int? minutes) && TryRead(form["max_uses"].ToString().Trim(), out int? uses)
            ? new ClassCode(ExpiresAt: minutes is { } some ? time.GetUtcNow().AddMinutes(some) : null, MaxUses: uses)
            : null;
    }

    private async Task<IResult> RosterAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        IFormCollection form = await context.ReadFormBodyAsync();
        string csv = form["roster"].ToString();
        if (one!.Ended is not null)
            return await DrawAsync(context, one, error: "The class is over.", status: StatusCodes.Status409Conflict);
        try
        {
            string links = await members.ImportAsync(context, one, csv);
            return await DrawAsync(context, (await classes.FindAsync(id, context.RequestAborted))!, notice: "Everybody on the roster is in the class.", links: links);
        }
        catch (RosterException wrong)
        {
            return await DrawAsync(context, one, error: "Nothing was imported: " + string.Join("; ", wrong.Problems.Take(20)), roster: csv, status: StatusCodes.Status400BadRequest);
        }
    }

    private async Task<IResult> HandOutAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        IFormCollection form = await context.ReadFormBodyAsync();
        try
        {
            IReadOnlyList<HandOutResult> results = await members.HandOutAsync(one!, fields.PathOf(form["path"].ToString().Trim()), context.GetCaller().UserName, context.RequestAborted);
            string? problem = results.FirstOrDefault(result => result.Problem is not null) is { } failed
                ? FormattableString.Invariant($"{results.Count(result => result.Problem is not null)} of {results.Count} did not get everything. {failed.UserName}: {failed.Problem}")
                : null;
            string done = FormattableString.Invariant($"{results.Sum(result => result.Copied)} files were handed out to {results.Count} people; {results.Sum(result => result.Kept)} were there already and stay as they are.");
            return await DrawAsync(context, one!, notice: problem is null ? done : null, error: problem);
        }
        catch (BadHttpRequestException wrong)
        {
            return await DrawAsync(context, one!, error: wrong.Message, status: StatusCodes.Status400BadRequest);
        }
    }

    private async Task<IResult> RemoveAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        IFormCollection form = await context.ReadFormBodyAsync();
        return await members.RemoveAsync(one!, form["user"].ToString(), context.GetCaller().UserName, context.RequestAborted)
            ? SeeOther(context, $"/{id}?removed")
            : await DrawAsync(context, one!, error: "There is no such member.", status: StatusCodes.Status404NotFound);
    }

    private async Task<IResult> EndAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await FindAsync(context, id);
        if (refusal is not null)
            return refusal;
        IFormCollection form = await context.ReadFormBodyAsync();
        if (form["sure"].ToString().Length == 0)
            return await DrawAsync(context, one!, error: "Tick the box first: ending a class removes its guests.", status: StatusCodes.Status400BadRequest);
        return await ending.EndAsync(id, context.GetCaller().UserName, CancellationToken.None) is null
            ? await DrawAsync(context, one!, error: ClassEnding.NotArchived, status: StatusCodes.Status507InsufficientStorage)
            : SeeOther(context, $"/{id}?ended");
    }

    /// <summary>As on the API; people get a page instead of JSON.</summary>
    private async Task<(Class? Class, IResult? Refusal)> FindAsync(HttpContext context, long id)
    {
        (Class? one, IResult? refusal) = await calls.FindAsync(context, id, manage: true);
        return one is not null
            ? (one, null)
            : context.GetCaller().ByToken ? (null, refusal)
            : (null, HubPages.Draw<MessagePage>(context, MessageView.NotFound(context.GetPageFrame(), context.Request.Path), StatusCodes.Status404NotFound));
    }

    private static IResult SeeOther(HttpContext context, string rest)
    {
        context.Response.Headers.Location = Path + rest;
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }
}
