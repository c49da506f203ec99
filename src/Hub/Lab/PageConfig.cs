using System.Text.Json.Nodes;
using Hub.Classes.Floor;
using Hub.Http;

namespace Hub.Lab;

/// <summary>
/// What the page tells JupyterLab before its first script runs (<c>jupyter-config-data</c>).
/// </summary>
/// <remarks>
/// Two traps. Addresses named <c>full…</c> are whole paths, the others start at <c>baseUrl</c>: a whole path there doubles the prefix, and then no plugin starts.
/// And <c>appUrl</c> stays <c>/lab</c> for Notebook too: settings, workspaces and translations are found below it.
/// </remarks>
internal static class PageConfig
{
    /// <summary>Switched off always: the news feed calls home; without shared documents both collaboration packages do harm.</summary>
    private static readonly string[] AlwaysDisabled =
        ["@jupyterlab/apputils-extension:announcements", "@jupyter/collaboration-extension", "@jupyter/docprovider-extension"];

    /// <summary>Asks the kernel by itself what a viewer is refused, and takes the refusal ill.</summary>
    private static readonly string[] DisabledForViewers = ["@jupyterlab/debugger-extension"];

    /// <summary>For JupyterLab.</summary>
    /// <param name="page">Which page is asked for.</param>
    public static JsonObject ForLab(LabPageRequest page, LabOptions options, LabManifest manifest)
    {
        JsonObject config = Common(page, options);
        config["appName"] = "JupyterLab";
        config["appVersion"] = manifest.VersionOf("jupyterlab");
        config["appNamespace"] = "lab";
        config["mode"] = page.SingleDocument ? "single-document" : "multiple-document";
        config["workspace"] = page.Workspace;
        config["treePath"] = page.TreePath;
        if (page.NotFoundUrl is not null)
            config["notFoundUrl"] = page.NotFoundUrl;
        return config;
    }

    /// <summary>For Notebook 7, whose pages are told apart by <paramref name="notebookPage"/>: tree, notebooks, edit, consoles.</summary>
    public static JsonObject ForNotebook(LabPageRequest page, string notebookPage, LabOptions options, LabManifest manifest)
    {
        JsonObject config = Common(page, options);
        config["appName"] = "Jupyter Notebook";
        config["appVersion"] = manifest.VersionOf("notebook");
        config["appNamespace"] = "notebook";
        config["mode"] = "multiple-document";
        config["workspace"] = "default";
        config["frontendUrl"] = UserUrl.Of(page.Server);
        config["notebookPage"] = notebookPage;
        config["treePath"] = page.TreePath;
        config["nbclassic_enabled"] = false;
        return config;
    }

    private static JsonObject Common(LabPageRequest page, LabOptions options)
    {
        string userName = page.UserName;
        string baseUrl = UserUrl.Of(page.Server);
        JsonObject config = new()
        {
            ["baseUrl"] = baseUrl,
            ["wsUrl"] = "",
            ["appUrl"] = "/lab",
            ["fullAppUrl"] = baseUrl + "lab",
            ["staticUrl"] = "/static/lab",
            ["fullStaticUrl"] = "/static/lab",
            ["fullMathjaxUrl"] = "",
            ["mathjaxConfig"] = "",
            ["token"] = "",
            ["terminalsAvailable"] = page.HasTerminals,
            ["serverRoot"] = "~",
            ["preferredPath"] = "/",
            ["rootUri"] = "",
            ["virtualDocumentsUri"] = "",
            ["federated_extensions"] = new JsonArray(),
            ["disabledExtensions"] = List([.. AlwaysDisabled, .. options.DisabledExtensions, .. page.Visit is { Role: VisitRole.Viewer } ? DisabledForViewers : []]),
            ["deferredExtensions"] = new JsonArray(),
            ["lockedExtensions"] = new JsonArray(),
            ["ignorePlugins"] = new JsonArray(),
            ["disableRTC"] = "true",
            ["collaborative"] = false,
            ["store_id"] = page.StoreId,
            ["buildAvailable"] = false,
            ["buildCheck"] = false,
            ["devMode"] = false,
            ["exposeAppInBrowser"] = options.ExposeAppInBrowser,
            ["cacheFiles"] = true,
            ["notebookStartsKernel"] = page.Visit is not { Role: VisitRole.Viewer },
            ["copyAbsolutePath"] = false,
            ["quitButton"] = false,
            ["notebookVersion"] = "[2, 21, 0]",
            ["news"] = new JsonObject { ["disabled"] = true },
            ["hubPrefix"] = "/hub/",
            ["hubHost"] = "",
            ["hubUser"] = userName,
            ["hubServerUser"] = userName,
            ["hubServerName"] = page.ServerName,
            ["shareUrl"] = "/hub/user-redirect",
        };
        if (page.Visit is { } visit)
        {
            config["hubVisitRole"] = visit.RoleName;
            config["hubVisitOf"] = visit.StudentName;
        }
        foreach ((string key, string path) in Addresses)
        {
            config[key] = "/" + path;
            config["full" + char.ToUpperInvariant(key[0]) + key[1..]] = baseUrl + path;
        }
        return config;
    }

    private static readonly (string Key, string Path)[] Addresses =
    [
        ("treeUrl", "lab/tree"),
        ("settingsUrl", "lab/api/settings"),
        ("workspacesApiUrl", "lab/api/workspaces"),
        ("listingsUrl", "lab/api/listings"),
        ("themesUrl", "lab/api/themes"),
        ("licensesUrl", "lab/api/licenses"),
        ("translationsApiUrl", "lab/api/translations"),
        ("labextensionsUrl", "lab/extensions"),
    ];

    private static JsonArray List(IEnumerable<string> items) => [.. items.Select(item => (JsonNode)item)];
}
