using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Http;

namespace Hub.Sharing;

/// <summary>Shares and codes on the API, in JupyterHub's keys.</summary>
internal sealed class ShareModels(IUserServers servers)
{
    public JsonObject Of(Share share) => new()
    {
        ["server"] = Server(share.OwnerName, share.Server),
        ["scopes"] = Scopes(share.Scopes),
        ["user"] = share.With.IsGroup ? null : new JsonObject { ["name"] = share.With.Name },
        ["group"] = share.With.IsGroup ? new JsonObject { ["name"] = share.With.Name } : null,
        ["kind"] = share.With.IsGroup ? "group" : "user",
        ["created_at"] = ApiTime.Format(share.Created),
    };

    /// <param name="code">Given the one time it is made.</param>
    public JsonObject Of(ShareCode kept, string? code = null)
    {
        var model = new JsonObject
        {
            ["server"] = Server(kept.OwnerName, kept.Server),
            ["scopes"] = Scopes(kept.Scopes),
            ["id"] = kept.Id,
            ["created_at"] = ApiTime.Format(kept.Created),
            ["expires_at"] = ApiTime.Format(kept.ExpiresAt),
            ["exchange_count"] = kept.Exchanges,
            ["last_exchanged_at"] = kept.LastExchanged is { } at ? ApiTime.Format(at) : null,
        };
        if (code is not null)
        {
            model["code"] = code;
            model["accept_url"] = AcceptPath(code);
            model["full_accept_url"] = null;
        }
        return model;
    }

    /// <summary>The page that takes a code.</summary>
    public static string AcceptPath(string code) => "/hub/accept-share?code=" + Uri.EscapeDataString(code);

    private JsonObject Server(string owner, string server)
    {
        ServerModel? model = servers.Of(owner, includeStopped: true).GetValueOrDefault(server);
        return new JsonObject
        {
            ["user"] = new JsonObject { ["name"] = owner },
            ["name"] = server,
            ["url"] = model?.Url ?? UserUrl.Of(new ServerKey(owner, server)),
            ["full_url"] = model?.FullUrl,
            ["ready"] = model?.Ready ?? false,
        };
    }

    private static JsonArray Scopes(IEnumerable<string> scopes) => [.. scopes.Select(scope => JsonValue.Create(scope))];
}
