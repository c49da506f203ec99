using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hub.Lab;
using Hub.Tests.Classes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>The OpenAPI document is true: it has every route and no other, and what a real hub takes and answers is what it says.</summary>
public sealed partial class HubSpecTests : IAsyncLifetime
{
    private const string ServiceToken = "token-of-the-grader-0123";

    /// <summary>Operations that cannot be made to succeed here, each proved where it is at home.</summary>
    private static readonly string[] s_elsewhere =
    [
        "GET /hub/api/users/{user}/kernels/{kernelId}/log", "POST /hub/api/users/{user}/kernels/{kernelId}/interrupt", "POST /hub/api/users/{user}/kernels/{kernelId}/restart",
        "DELETE /hub/api/users/{user}/kernels/{kernelId}", // need a running kernel
        "GET /hub/api/oauth2/authorize", "POST /hub/api/oauth2/authorize", "POST /hub/api/oauth2/token", // need a browser and a service
        "POST /hub/api/classes/{id}/kernels", // needs a spawner
        "POST /hub/api/environments/{name}/take", // needs an image
        "POST /hub/api/classes/{id}/files", // needs a form with a file
        "DELETE /hub/api/users/{user}/totp", // needs a phone
        "PUT /hub/api/users/{user}/server", "PATCH /hub/api/users/{user}/server", // the default server is always there, and never called otherwise
    ];

    private HubFixture _hub = null!;
    private HttpClient _admin = null!;
    private JsonObject _document = null!;
    private readonly HashSet<string> _succeeded = [];
    private readonly List<string> _wrong = [];

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(["Auth:SignUp=Approval", $"Services:grader:ApiToken={ServiceToken}", "Services:grader:Scopes:0=list:users"]);
        _admin = _hub.Client();
        using HttpClient nobody = _hub.Client(token: null);
        _document = JsonNode.Parse(await nobody.GetStringAsync("hub/api/openapi.json"))!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public void Every_route_is_an_operation_and_every_operation_a_route()
    {
        string[] routes = [.. HubSpecHandler.Operations(_hub.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()).Select(one => $"{one.Method} {one.Path}").Distinct().Order()];
        Assert.Equal(routes, Operations().Select(one => $"{one.Method} {one.Path}").Order());
        Assert.Equal(routes, HubOperation.Described.Order());
        Assert.True(routes.Length > 70, $"{routes.Length} operations");
    }

    [Fact]
    public void Every_operation_is_whole()
    {
        Assert.Equal("3.1.0", _document["openapi"]!.GetValue<string>());
        JsonObject schemas = _document["components"]!["schemas"]!.AsObject();
        string[] used = [.. References(_document).Distinct()];
        Assert.All(used, reference => Assert.True(schemas.ContainsKey(reference["#/components/schemas/".Length..]), reference));
        Assert.Empty(schemas.Select(schema => "#/components/schemas/" + schema.Key).Except(used));
        Assert.Equal(Operations().Count(), Operations().Select(one => one.Operation["operationId"]!.GetValue<string>()).Distinct().Count());
        Assert.All(Operations(), one =>
        {
            Assert.EndsWith(".", one.Operation["summary"]!.GetValue<string>(), StringComparison.Ordinal);
            string[] inPath = [.. ParameterPattern().Matches(one.Path).Select(match => match.Groups[1].Value)];
            Assert.Equal(inPath, (one.Operation["parameters"] as JsonArray ?? []).Where(parameter => parameter!["in"]!.GetValue<string>() == "path").Select(parameter => parameter!["name"]!.GetValue<string>()));
            Assert.NotNull(one.Operation["responses"]!["default"]);
            Assert.NotNull(one.Operation["security"]);
        });
        Assert.Equal("shares", Operation("POST", "/hub/api/shares/{user}/{server}")["x-jupyterhub-scope"]!.GetValue<string>());
        Assert.Empty(Operation("GET", "/hub/api")["security"]!.AsArray());
    }

    [Fact]
    public async Task What_is_refused_is_refused_as_the_document_says()
    {
        using HttpClient nobody = _hub.Client(token: null);
        foreach ((string path, string method, JsonObject operation) in Operations())
        {
            string there = ParameterPattern().Replace(path, match => match.Groups[1].Value switch { "id" => "77", "server" => path.EndsWith("{server}", StringComparison.Ordinal) ? "" : "x9", _ => "nobody-here" });
            if (operation["security"]!.AsArray().Count > 0)
                Assert.Equal(HttpStatusCode.Forbidden, await CallAsync(nobody, method, there, "{}"));
            if (path is not "/hub/api/shutdown")
                await CallAsync(_admin, method, there, method == "GET" ? null : """{"no-such-field": 1}""");
        }
        Assert.True(_wrong.Count == 0, string.Join('\n', _wrong));
    }

    [Fact]
    public async Task What_is_asked_and_answered_is_what_the_document_says()
    {
        await CallAsync(_admin, "GET", "/hub/api", null);
        foreach (string path in new[] { "openapi.json", "info", "health", "metrics", "user", "services", "services/grader", "admin/users", "admin/settings", "sign-ups" })
            await CallAsync(_admin, "GET", "/hub/api/" + path, null);
        using (HttpClient grader = _hub.Client(ServiceToken))
            await CallAsync(grader, "GET", "/hub/api/user", null);
        await UsersAsync();
        await ServersAsync();
        await GroupsAndSharesAsync();
        await ClassesAsync();
        await SignUpsAsync();
        await EnvironmentsAsync();
        await CallAsync(_admin, "GET", "/hub/api/audit?limit=1", null);
        await CallAsync(_admin, "DELETE", "/hub/api/users/eve", null);
        await CallAsync(_admin, "POST", "/hub/api/shutdown", """{"servers": false}""");

        Assert.True(_wrong.Count == 0, string.Join('\n', _wrong));
        Assert.Equal(s_elsewhere.Order(), Operations().Select(one => $"{one.Method} {one.Path}").Except(_succeeded).Order());
    }

    private async Task UsersAsync()
    {
        await CallAsync(_admin, "POST", "/hub/api/users", """{"usernames": ["ada", "bob", "eve"], "admin": false}""");
        await CallAsync(_admin, "POST", "/hub/api/users/zoe", "{}");
        await CallAsync(_admin, "PATCH", "/hub/api/users/zoe", """{"name": "zora", "admin": true, "display_name": "Zora"}""");
        await CallAsync(_admin, "GET", "/hub/api/users", null);
        await CallAsync(_admin, "GET", "/hub/api/users?limit=2", null, paged: true);
        await CallAsync(_admin, "GET", "/hub/api/users/ada?include_stopped_servers=1", null);
        await CallAsync(_admin, "PUT", "/hub/api/users/ada/password", """{"password": "correct horse battery"}""");
        await CallAsync(_admin, "POST", "/hub/api/users/bob/password-link", """{"expires_in": 60}""");
        (await _hub.SignInAsync("ada", "correct horse battery")).Dispose();
        await CallAsync(_admin, "GET", "/hub/api/users/ada/sign-ins", null);
        string signIn = JsonNode.Parse(await _admin.GetStringAsync("hub/api/users/ada/sign-ins"))![0]!["id"]!.GetValue<string>();
        await CallAsync(_admin, "DELETE", "/hub/api/users/ada/sign-ins/" + signIn, null);
        await CallAsync(_admin, "POST", "/hub/api/users/ada/tokens", """{"note": "a", "expires_in": 60, "scopes": ["read:users!user"]}""");
        await CallAsync(_admin, "GET", "/hub/api/users/ada/tokens", null);
        string id = JsonNode.Parse(await _admin.GetStringAsync("hub/api/users/ada/tokens"))!["api_tokens"]![0]!["id"]!.GetValue<string>();
        await CallAsync(_admin, "GET", "/hub/api/users/ada/tokens/" + id, null);
        await CallAsync(_admin, "DELETE", "/hub/api/users/ada/tokens/" + id, null);
    }

    private async Task ServersAsync()
    {
        foreach (string path in new[] { "/hub/api/users/ada/server", "/hub/api/users/bob/servers/" })
        {
            await CallAsync(_admin, "POST", path, "{}");
            await CallAsync(_admin, "GET", path, null);
            await CallAsync(_admin, "DELETE", path, """{"remove": false}""");
        }
        await CallAsync(_admin, "PUT", "/hub/api/users/bob/servers/second", """{"display_name": "Second", "user_options": {"a": 1}}""");
        await CallAsync(_admin, "PATCH", "/hub/api/users/bob/servers/second", """{"name": "third", "user_options": {}}""");
        await CallAsync(_admin, "POST", "/hub/api/users/bob/servers/third", null);
        await CallAsync(_admin, "GET", "/hub/api/users/bob/servers/third/progress", null);
        await CallAsync(_admin, "DELETE", "/hub/api/users/bob/servers/third", """{"remove": true}""");
        await CallAsync(_admin, "POST", "/hub/api/users/ada/server", null);
        await CallAsync(_admin, "GET", "/hub/api/users/ada/server/progress", null);
        await CallAsync(_admin, "POST", "/hub/api/users/ada/activity", """{"last_activity": "2026-01-01T00:00:00.000000Z", "servers": {"": {"last_activity": "2026-01-01T00:00:00Z"}}}""");
        await CallAsync(_admin, "GET", "/hub/api/users/ada", null);
        await CallAsync(_admin, "GET", "/hub/api/admin/users?limit=3", null);
    }

    private async Task EnvironmentsAsync()
    {
        await CallAsync(_admin, "POST", "/hub/api/environments", """{"name": "octave", "settings": {"display_name": "Octave", "language": "octave", "argv": ["octave", "{connection_file}"], "groups": ["physics"], "environment": {"A": "b"}, "open_files": 1024, "idle_after": "01:00:00"}}""");
        await CallAsync(_admin, "GET", "/hub/api/environments", null);
        await CallAsync(_admin, "GET", "/hub/api/environments/octave", null);
        await CallAsync(_admin, "PATCH", "/hub/api/environments/octave", """{"settings": {"groups": []}, "pin": false}""");
        await Eventually.Holds(async () => await CallAsync(_admin, "POST", "/hub/api/environments/octave/prepare", "{}") == HttpStatusCode.Accepted);
        await CallAsync(_admin, "DELETE", "/hub/api/environments/octave", null);
    }

    private async Task GroupsAndSharesAsync()
    {
        await CallAsync(_admin, "POST", "/hub/api/groups", """{"groups": ["physics", "choir"]}""");
        await CallAsync(_admin, "POST", "/hub/api/groups/chess", """{"users": ["ada"], "properties": {"room": 4}}""");
        await CallAsync(_admin, "POST", "/hub/api/groups/physics/users", """{"users": ["bob"]}""");
        await CallAsync(_admin, "DELETE", "/hub/api/groups/chess/users", """{"users": ["ada"]}""");
        await CallAsync(_admin, "PUT", "/hub/api/groups/chess/properties", """{"room": 5}""");
        await CallAsync(_admin, "GET", "/hub/api/groups", null);
        await CallAsync(_admin, "GET", "/hub/api/groups?limit=1", null, paged: true);
        await CallAsync(_admin, "GET", "/hub/api/groups/physics", null);
        await CallAsync(_admin, "DELETE", "/hub/api/groups/chess", null);

        await CallAsync(_admin, "POST", "/hub/api/shares/ada/", """{"user": "bob", "scopes": ["access:servers", "read:servers"]}""");
        await CallAsync(_admin, "POST", "/hub/api/shares/ada/", """{"group": "physics"}""");
        foreach (string path in new[] { "shares/ada/?limit=1", "users/bob/shared", "users/bob/shared/ada/", "groups/physics/shared", "groups/physics/shared/ada/" })
            await CallAsync(_admin, "GET", "/hub/api/" + path, null);
        await CallAsync(_admin, "PATCH", "/hub/api/shares/ada/", """{"user": "bob", "scopes": ["read:servers"]}""");
        await CallAsync(_admin, "PATCH", "/hub/api/shares/ada/", """{"user": "eve"}""");
        await CallAsync(_admin, "DELETE", "/hub/api/users/bob/shared/ada/", null);
        await CallAsync(_admin, "DELETE", "/hub/api/groups/physics/shared/ada/", null);
        await CallAsync(_admin, "POST", "/hub/api/share-codes/ada/", """{"expires_in": 60}""");
        await CallAsync(_admin, "GET", "/hub/api/share-codes/ada/", null);
        await CallAsync(_admin, "DELETE", "/hub/api/share-codes/ada/", null);
        await CallAsync(_admin, "DELETE", "/hub/api/shares/ada/", null);
    }

    private async Task ClassesAsync()
    {
        await CallAsync(_admin, "POST", "/hub/api/classes", """{"name": "Physics", "teachers": ["eve"], "capacity": 30, "guests": true, "limits": {"max_kernels": 2}}""");
        JsonObject made = (await _admin.GetAsync("hub/api/classes").Result.ArrayAsync())[0]!.AsObject();
        string path = FormattableString.Invariant($"/hub/api/classes/{made.Id()}");
        await CallAsync(_admin, "GET", "/hub/api/classes", null);
        await CallAsync(_admin, "GET", "/hub/api/classes", null, paged: true);
        await CallAsync(_admin, "PATCH", path, """{"closes": "2100-01-01T00:00:00Z", "limits": {"cpus": 0.5}}""");
        await CallAsync(_admin, "PUT", path + "/members/bob", """{"role": "student"}""");
        await CallAsync(_admin, "GET", path + "/members", null);
        await CallAsync(_admin, "POST", path + "/hand-out", "{}");
        await FloorAsync(path, made.Code());
        await CallAsync(_admin, "DELETE", path + "/members/bob", null);
        await CallAsync(_admin, "POST", path + "/code", """{"max_uses": 3}""");
        await CallAsync(_admin, "PATCH", path + "/code", """{"closed": true}""");
        await CallAsync(_admin, "POST", path + "/roster", "name,display_name,role\nnew-one,New One,student\n");
        await CallAsync(_admin, "POST", path + "/roster", "name,role\n//,student\n");
        foreach (string part in new[] { "", "/roster", "/export" })
            await CallAsync(_admin, "GET", path + part, null);
        await CallAsync(_admin, "POST", path + "/end", null);
        await CallAsync(_admin, "DELETE", path, null);
    }

    private async Task FloorAsync(string path, string code)
    {
        (string student, HttpClient guest) = await Floor.JoinAsync(_hub, code);
        await CallAsync(guest, "PUT", path + "/hand", null);
        await CallAsync(_admin, "POST", path + "/messages", """{"text": "Five more minutes."}""");
        await CallAsync(_admin, "GET", path + "/messages?after=0", null);
        await CallAsync(guest, "GET", "/hub/api/classes/mine?after=0", null);
        await CallAsync(guest, "DELETE", path + "/hand", null);
        await CallAsync(_admin, "DELETE", $"{path}/hands/{student}", null);
        await CallAsync(_admin, "POST", path + "/visits", $$"""{"user": "{{student}}", "role": "viewer", "path": ""}""");
        await CallAsync(_admin, "GET", path + "/visits", null);
        string visit = JsonNode.Parse(await _admin.GetStringAsync(path.TrimStart('/') + "/visits"))![0]!["id"]!.GetValue<string>();
        await CallAsync(_admin, "DELETE", $"{path}/visits/{visit}", null);
        await CallAsync(_admin, "DELETE", path + "/kernels", null);
        guest.Dispose();
    }

    private async Task SignUpsAsync()
    {
        foreach ((string name, string method) in new[] { ("wait-a", "POST"), ("wait-b", "DELETE") })
        {
            var cookies = new CookieContainer();
            using HttpClient browser = _hub.Browser(cookies);
            (await browser.GetAsync("hub/signup")).Dispose();
            using HttpResponseMessage asked = await browser.PostAsync("hub/signup", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["username"] = name,
                ["password"] = "correct horse battery",
                ["password_again"] = "correct horse battery",
                ["_xsrf"] = _hub.Xsrf(cookies),
            }));
            await CallAsync(_admin, "GET", "/hub/api/sign-ups", null);
            await CallAsync(_admin, method, "/hub/api/sign-ups/" + name, null);
        }
    }

    /// <summary>Asks, and notes what about the request or the answer is not as the document says.</summary>
    private async Task<HttpStatusCode> CallAsync(HttpClient client, string method, string path, string? body, bool paged = false)
    {
        (string template, string _, JsonObject operation) = Operations().Where(one => one.Method == method && Matches(one.Path, path.Split('?')[0])).MinBy(one => one.Path.Count(letter => letter == '{'));
        string call = $"{method} {template}";
        using var request = new HttpRequestMessage(new HttpMethod(method), path.TrimStart('/'));
        if (body is not null)
            request.Content = Json.Raw(body);
        if (paged)
            request.Headers.Add("Accept", "application/jupyterhub-pagination+json");
        using HttpResponseMessage answer = await client.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        int status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode)
        {
            _succeeded.Add(call);
            // What is wrong on purpose and taken all the same, as JupyterHub takes it, is not what the document promises.
            bool onPurpose = body?.Contains("no-such-field", StringComparison.Ordinal) == true;
            if (body is not null && !onPurpose && operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } asked && Problem(asked, body) is { } unasked)
                _wrong.Add($"{call}: the request {unasked}");
            if (body is not null && operation["requestBody"] is null && body != "{}" && !onPurpose)
                _wrong.Add($"{call} took a body that is not described");
        }
        foreach (string key in path.Contains('?', StringComparison.Ordinal) ? path.Split('?')[1].Split('&').Select(argument => argument.Split('=')[0]) : [])
        {
            if (!(operation["parameters"] as JsonArray ?? []).Any(parameter => parameter!["name"]!.GetValue<string>() == key))
                _wrong.Add($"{call}: {key} is not described");
        }
        JsonObject responses = operation["responses"]!.AsObject();
        if (answer.StatusCode < HttpStatusCode.BadRequest && !responses.ContainsKey($"{status}"))
            _wrong.Add($"{call} answered {status}, which is not described");
        JsonNode? content = (responses[$"{status}"] ?? responses["default"])!["content"];
        string type = answer.Content.Headers.ContentType?.MediaType ?? "";
        if (content is null ? text.Length > 0 : content[type] is null)
            _wrong.Add($"{call} {status} is {type}: {text[..Math.Min(text.Length, 100)]}");
        else if (content is not null && type == "application/json" && Problem(content[type]!["schema"]!, text) is { } problem)
            _wrong.Add($"{call} {status} {problem}: {text[..Math.Min(text.Length, 200)]}");
        return answer.StatusCode;
    }

    /// <summary>As the document says, and with nothing that it does not say.</summary>
    private string? Problem(JsonNode schema, string json)
    {
        JsonObject root = schema.DeepClone().AsObject();
        root.Remove("components");
        JsonObject schemas = _document["components"]!["schemas"]!.DeepClone().AsObject();
        foreach ((string _, JsonNode? model) in schemas)
            model!["additionalProperties"] ??= false;
        if (root["properties"] is not null)
            root["additionalProperties"] = false;
        // A reference allows nothing beside it in draft 7, so it stands one level down.
        return JsonSchemaCheck.FirstProblem(new JsonObject { ["allOf"] = new JsonArray(root), ["components"] = new JsonObject { ["schemas"] = schemas } }, JsonNode.Parse(json));
    }

    private IEnumerable<(string Path, string Method, JsonObject Operation)> Operations() =>
        from path in _document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        select (path.Key, method.Key.ToUpperInvariant(), method.Value!.AsObject());

    private JsonObject Operation(string method, string path) => Operations().Single(one => one.Path == path && one.Method == method).Operation;

    private static bool Matches(string template, string path) => Regex.IsMatch(path, "^" + ParameterPattern().Replace(template, "[^/]*") + "$");

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(field => field.Key == "$ref" ? [field.Value!.GetValue<string>()] : References(field.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex ParameterPattern();
}
