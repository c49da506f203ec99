using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Auth;
using Hub.Classes.Floor;
using Hub.Contents;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Terminals;
using Microsoft.Extensions.Options;
using Web.Pages;

namespace Hub.Lab;

/// <summary>The pages that JupyterLab and Notebook 7 draw themselves into. Everything they need to know stands in the page; nothing of it is cached.</summary>
internal sealed class LabPages(LabBundles bundles, DocumentPages documents, Visits visits, IOptions<LabOptions> options, IOptions<TerminalsOptions> terminals, IOptions<ContentsOptions> contents, IOptions<AuditOptions> audit)
{
    private const string StaticUrl = "/static/lab/";

    private int _storeId;

    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("", (LabPages pages, HttpContext context) => Results.Redirect(pages.DefaultUrl(context.Server())));

        foreach (string mode in new[] { "lab", "doc" })
        {
            userServer.MapGet($"/{mode}", (LabPages pages, HttpContext context) => pages.DrawLab(context, mode, ""));
            userServer.MapGet($"/{mode}/{{**rest}}", (LabPages pages, HttpContext context) =>
                pages.DrawLab(context, mode, context.DecodedTail(3)));
        }

        userServer.MapGet("/tree/{**path}", (LabPages pages, HttpContext context) => pages.OpenTreeAsync(context));
        foreach (string page in new[] { "notebooks", "edit", "consoles", "terminals" })
        {
            userServer.MapGet($"/{page}/{{**path}}", (LabPages pages, HttpContext context) =>
                pages.DrawNotebook(context, page, context.DecodedTail(3)));
        }
    }

    /// <summary>The tree shows directories; a file's address there leads to the page that shows the file, as links of Jupyter's mean it.</summary>
    private async Task<IResult> OpenTreeAsync(HttpContext context) =>
        await documents.FindAsync(context, context.RequestAborted) is { } page
            ? Results.Redirect(UserUrl.Of(context.Server(), $"{page}/{context.DecodedTail(3).Trim('/')}"))
            : DrawNotebook(context, "tree", context.DecodedTail(3));

    private string DefaultUrl(ServerKey server) => UserUrl.Of(server) + (options.Value.DefaultPage == "notebook" ? "tree" : "lab");

    private IResult DrawLab(HttpContext context, string mode, string rest)
    {
        if (rest.StartsWith("api/", StringComparison.Ordinal) || rest.StartsWith("extensions/", StringComparison.Ordinal))
            return Results.NotFound();
        if (bundles.Find() is not { } bundle)
            return NotBuilt(context);
        LabPageRequest page = Route(context.Server(), mode, rest) with { StoreId = Interlocked.Increment(ref _storeId), Visit = VisitOf(context), HasTerminals = HasTerminals(context) };
        return Draw(context, "lab", "JupyterLab", bundle, PageConfig.ForLab(page, options.Value, bundle.Manifest), new Dictionary<string, string>());
    }

    private IResult DrawNotebook(HttpContext context, string notebookPage, string path)
    {
        if (bundles.Find() is not { } bundle)
            return NotBuilt(context);
        LabPageRequest page = new(context.Server().UserName, Interlocked.Increment(ref _storeId), TreePath: path.TrimEnd('/'), Visit: VisitOf(context), ServerName: context.ServerName())
        {
            HasTerminals = HasTerminals(context),
        };
        return Draw(
            context, "notebook", "Jupyter Notebook", bundle, PageConfig.ForNotebook(page, notebookPage, options.Value, bundle.Manifest),
            new Dictionary<string, string> { ["notebook"] = notebookPage });
    }

    /// <summary>Who looks on could start none.</summary>
    private bool HasTerminals(HttpContext context) => terminals.Value.Enabled && VisitOf(context) is not { Role: VisitRole.Viewer };

    /// <summary>Reads <c>[workspaces/{name}/][tree/{path}]</c>; anything else is no page, and the front end is told to say so.</summary>
    internal static LabPageRequest Route(string user, string mode, string rest) => Route(ServerKey.Default(user), mode, rest);

    private static LabPageRequest Route(ServerKey server, string mode, string rest)
    {
        LabPageRequest page = new(server.UserName, 0, SingleDocument: mode == "doc", ServerName: server.Name);
        string left = rest.TrimEnd('/');
        if (left.Split('/', 3) is ["workspaces", var workspace, .. var behind] && workspace.Length > 0 && workspace.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            page = page with { Workspace = workspace };
            left = behind is [var more] ? more : "";
        }
        if (left.Length == 0 || left == "tree")
            return page;
        return left.StartsWith("tree/", StringComparison.Ordinal)
            ? page with { TreePath = left["tree/".Length..] }
            : page with { NotFoundUrl = UserUrl.Of(server, $"{mode}/{rest}") };
    }

    /// <summary>A visit leads into the default server alone.</summary>
    private Visit? VisitOf(HttpContext context) => context.Server() is { IsDefault: true } server ? visits.Find(context.GetCaller().UserName, server.UserName) : null;

    private IResult Draw(HttpContext context, string entry, string title, LabBundle bundle, JsonObject config, IReadOnlyDictionary<string, string> bodyData)
    {
        if (bundle.Manifest.Entries.GetValueOrDefault(entry) is not { } files)
            return NotBuilt(context);
        // Said in the status bar: people know what is kept of their work while they work.
        config["hubCellNotice"] = CellNotice.Of(audit.Value) ?? "";
        // The words of the question before a deletion.
        config["delete_to_trash"] = contents.Value.DeleteToTrash;
        config["allow_hidden_files"] = contents.Value.AllowHidden;
        PageFrame frame = context.GetPageFrame(); // sets the XSRF cookie, which the front end reads
        IResult page = HubPages.Draw<LabPage>(
            context,
            new LabView(
                frame, title, config.ToJsonString(ApiJson.Options), StaticUrl,
                new LabFiles(files.Scripts, files.Stylesheets, files.Preload ?? []), bodyData));
        context.Response.SetContentSecurityPolicy(SecurityHeadersMiddleware.LabPolicy);
        return page;
    }

    private static IResult NotBuilt(HttpContext context)
    {
        PageFrame frame = context.GetPageFrame();
        return HubPages.Draw<MessagePage>(
            context,
            new MessageView(
                frame, "JupyterLab is not there", "The front end of this hub was not built, so notebooks cannot be shown. Kernels and files are fine.",
                ["The hub was started without building its pages first."],
                ["Tell the person who runs this hub: Lab:Assets must name the directory that the build of src/Web/client/lab makes."],
                [new PageLink("Go to your home page", frame.Home)], StatusCodes.Status503ServiceUnavailable),
            StatusCodes.Status503ServiceUnavailable);
    }
}
