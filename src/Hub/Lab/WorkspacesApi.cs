using System.Text.Json.Nodes;
using Hub.Http;
using Microsoft.Extensions.Options;

namespace Hub.Lab;

/// <summary>Layouts of JupyterLab by name; an open page saves its own every few seconds.</summary>
internal sealed class WorkspacesApi(ProfileFiles files, IOptions<LabOptions> options)
{

    public static void Map(RouteGroupBuilder userServer)
    {
        userServer.MapGet("/lab/api/workspaces/{**id}", (WorkspacesApi api, HttpContext context) =>
            IdOf(context) is { Length: > 0 } id ? api.GetAsync(context, id) : api.ListAsync(context));
        userServer.MapPut("/lab/api/workspaces/{**id}", (WorkspacesApi api, HttpContext context) => api.PutAsync(context, IdOf(context)));
        userServer.MapDelete("/lab/api/workspaces/{**id}", (WorkspacesApi api, HttpContext context) =>
            ProfileFiles.IsKey(IdOf(context)) && api.Delete(context.Server(), IdOf(context))
                ? Results.NoContent()
                : ApiError.Server(StatusCodes.Status404NotFound, $"Workspace {IdOf(context)} was not found"));
    }

    private async Task<IResult> ListAsync(HttpContext context)
    {
        JsonArray ids = [];
        JsonArray values = [];
        foreach (string id in files.List(context.Server().UserName, KindOf(context.Server())))
        {
            if (await ReadAsync(context.Server(), id, context.RequestAborted) is not { } workspace)
                continue;
            ids.Add(id);
            values.Add(workspace);
        }
        return Results.Json(new JsonObject { ["workspaces"] = new JsonObject { ["ids"] = ids, ["values"] = values } });
    }

    private async Task<IResult> GetAsync(HttpContext context, string id) =>
        Results.Json(
            (ProfileFiles.IsKey(id) ? await ReadAsync(context.Server(), id, context.RequestAborted) : null)
            ?? new JsonObject { ["data"] = new JsonObject(), ["metadata"] = new JsonObject { ["id"] = id } });

    private async Task<IResult> PutAsync(HttpContext context, string id)
    {
        if (!ProfileFiles.IsKey(id))
            return Wrong($"A workspace needs a name of at most {ProfileFiles.MaxKeyBytes} bytes once percent-encoded.");
        JsonObject? workspace = await context.ReadJsonObjectAsync(context.RequestAborted, options.Value.MaxWorkspaceBytes, "Lab:MaxWorkspaceBytes");
        if (workspace?["data"] is not JsonObject || workspace["metadata"] is not JsonObject metadata)
            return Wrong("A workspace has the members 'data' and 'metadata', both objects.");
        if (metadata["id"] is not JsonValue value || !value.TryGetValue(out string? written) || written.TrimStart('/') != id)
            return Wrong($"Workspace metadata ID mismatch: expected {id}.");
        // Times are the file's; kept in the text they would make an unchanged layout look new.
        metadata.Remove("last_modified");
        metadata.Remove("created");
        return await files.WriteAsync(context.Server().UserName, KindOf(context.Server()), id, workspace.ToJsonString(ApiJson.Options), options.Value.MaxWorkspaces, context.RequestAborted)
            ? Results.NoContent()
            : Wrong($"There are already Lab:MaxWorkspaces ({options.Value.MaxWorkspaces}) workspaces; delete one first.");
    }

    private bool Delete(ServerKey server, string id) => files.Delete(server.UserName, KindOf(server), id);

    private async Task<JsonObject?> ReadAsync(ServerKey server, string id, CancellationToken cancellationToken)
    {
        if (await files.ReadAsync(server.UserName, KindOf(server), id, cancellationToken) is not { } kept || JsonNode.Parse(kept.Text) is not JsonObject workspace)
            return null;
        if (workspace["metadata"] is JsonObject metadata)
        {
            metadata["last_modified"] = SettingsApi.FormatTime(kept.Modified);
            metadata["created"] = SettingsApi.FormatTime(kept.Created);
        }
        return workspace;
    }

    /// <summary>Each server has layouts of its own: what is open in one is not in the other.</summary>
    private static string KindOf(ServerKey server) => ProfileFiles.OfServer(server, "workspaces");

    private static string IdOf(HttpContext context) => context.DecodedTail(5).Trim('/');

    private static IResult Wrong(string why) => ApiError.Server(StatusCodes.Status400BadRequest, why);
}
