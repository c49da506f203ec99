using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Hub.Tests.Classes;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>
/// Everybody knocks at every door: each route of the running hub is asked by each kind of caller, for what is ada's, for the group physics and for the
/// service grader. A route that asks for something this table does not know fails the test, and so does a new public one.
/// </summary>
public sealed class RouteWalkTests
{
    private const string ServiceToken = "token-of-the-grader-0123";

    private static readonly string[] Callers = ["ada", "bob", "chemist", "physicist", "grader", "admin", "guest"];

    /// <summary>
    /// What a route asks for, and how it treats, in this order: ada herself; bob, another user; a teacher of chemistry; the teacher of physics, which ada is
    /// in; a service that lists users and reads servers; an administrator; a guest of a class, who is to others what any other user is. <c>+</c> in, <c>3</c> 403, <c>4</c> 404 (others' things are not there).
    /// </summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["access:servers Server"] = "+44+3+4",
        ["access:servers User"] = "+44+3+4",
        ["access:servers Any"] = "++++3++",
        ["start:servers Server"] = "+44+3+4",
        ["start:servers Any"] = "++++3++",
        ["delete:servers Any"] = "++++3++",
        ["delete:servers Server"] = "+44+3+4",
        ["read:servers Server"] = "+44+++4",
        ["read:users:name Any"] = "+++++++",
        ["read:users:name Self"] = "+++++++",
        ["read:users:name User"] = "+44+++4",
        ["list:users Any"] = "33++++3",
        ["admin:users None"] = "33333+3",
        ["admin:users User"] = "33333+3",
        ["delete:users User"] = "33333+3",
        ["users:activity User"] = "+4443+4",
        ["tokens Any"] = "++++3++",
        ["tokens User"] = "+4443+4",
        ["read:tokens Any"] = "++++3++",
        ["read:tokens User"] = "+4443+4",
        ["list:groups Any"] = "33++3+3",
        ["admin:groups None"] = "33333+3",
        ["groups Group"] = "334+3+3",
        ["read:groups:name Group"] = "334+3+3",
        ["delete:groups Group"] = "33333+3",
        ["list:services Any"] = "3333++3",
        ["read:services:name Service"] = "3333++3",
        // Whose class it is, is asked behind the door: somebody else's is not there.
        ["classes Any"] = "++++3++",
        ["read:classes Any"] = "++++3++",
        ["shares Any"] = "33333+3",
        ["shares Server"] = "33333+3",
        ["read:shares Server"] = "+4443+4",
        ["users:shares Any"] = "++++3++",
        ["users:shares User"] = "+4443+4",
        ["read:users:shares User"] = "+4443+4",
        ["groups:shares Group"] = "33333+3",
        ["read:groups:shares Group"] = "33333+3",
        ["admin-ui Any"] = "33++3+3",
        ["read:hub None"] = "33333+3",
        ["admin:environments None"] = "33333+3",
        ["read:audit None"] = "33333+3",
        ["shutdown None"] = "33333+3",
    };

    private static readonly HashSet<string> Public =
    [
        "/", "/favicon.ico", "/health/live", "/health/ready", "/hub", "/hub/api", "/hub/api/health", "/hub/api/metrics", "/hub/api/oauth2/authorize",
        "/hub/api/oauth2/token", "/hub/api/openapi.json", "/hub/health", "/hub/join", "/hub/join/{code}", "/hub/login", "/hub/login/code", "/hub/login/set-up", "/hub/logout", "/hub/metrics", "/hub/openid/{provider}", "/hub/openid/{provider}/callback",
        "/hub/openid/{provider}/logout", "/hub/openid/{provider}/signed-out", "/hub/set-password", "/hub/signup", "/metrics", "/static/admin/{file}", "/static/hub/{file}",
        "/static/lab/{**file}", "/user/{user}/api", "/user/{user}/login", "/user/{user}/logout",
    ];

    [Fact]
    public async Task Every_route_lets_in_whom_the_table_says_and_nobody_else()
    {
        await using HubFixture hub = await HubFixture.StartAsync(
        [
            .. Teacher("physicist", "physics"), .. Teacher("chemist", "chemistry"), $"Services:grader:ApiToken={ServiceToken}",
            "Services:grader:Scopes:0=list:users", "Services:grader:Scopes:1=read:servers", "Services:grader:Scopes:2=list:services",
        ]);
        (string Caller, HttpClient Client)[] clients = await ClientsAsync(hub);
        // What deletes comes last, and the administrator after all others: refusing is what is tested, and who is let in may do it.
        List<(RouteEndpoint Route, string Method)> doors =
        [
            .. from route in hub.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
               from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET"]
               orderby method == "DELETE"
               select (route, method),
        ];
        List<string> wrong = [];
        foreach ((string caller, HttpClient client) in clients)
        {
            foreach ((RouteEndpoint route, string method) in doors)
            {
                string pattern = "/" + route.RoutePattern.RawText!.TrimStart('/');
                object? statement = route.Metadata.LastOrDefault(one => one is RequiredScope or PublicRoute);
                if (statement is PublicRoute)
                {
                    if (!Public.Contains(pattern))
                        wrong.Add($"{pattern} is public, and not in the list");
                    continue;
                }
                var required = (RequiredScope)statement!;
                string asks = $"{required.Name} {required.Filter}";
                char expected = caller == "nobody" ? '3' : Expected.TryGetValue(asks, out string? row) ? row[Array.IndexOf(Callers, caller)] : '?';
                (char got, bool failed) = await KnockAsync(client, method, PathOf(route.RoutePattern));
                if (failed)
                    wrong.Add($"{caller}: {method} {pattern} failed");
                // A HEAD has no words: whether 404 means the caller or a missing file is known from the GET beside it.
                if (got != expected && !(method == "HEAD" && got == '4' && expected == '+'))
                    wrong.Add($"{caller}: {method} {pattern} ({asks}): {got} instead of {expected}");
            }
            client.Dispose();
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
    }

    [Fact]
    public void The_table_is_well_formed() => Assert.All(Expected.Values, row => Assert.Matches("^[+34]{7}$", row));

    private static IEnumerable<string> Teacher(string name, string group)
    {
        string[] scopes = ["list:users", "read:users", "servers", "access:servers", "groups", "admin-ui"];
        return scopes.Select((scope, index) => $"Roles:{group}-teacher:Scopes:{index}={scope}!group={group}").Append($"Roles:{group}-teacher:Users:0={name}");
    }

    private static async Task<(string, HttpClient)[]> ClientsAsync(HubFixture hub)
    {
        using HttpClient admin = hub.Client();
        (await admin.PostAsJsonAsync("hub/api/users", new { usernames = new[] { "ada", "bob", "chemist", "physicist" } })).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/groups/physics", new { users = new[] { "ada" } })).EnsureSuccessStatusCode();
        (await admin.PostAsJsonAsync("hub/api/groups/chemistry", new { users = new[] { "bob" } })).EnsureSuccessStatusCode();
        List<(string, HttpClient)> clients = [("nobody", hub.Client(token: null))];
        foreach (string user in new[] { "ada", "bob", "chemist", "physicist" })
        {
            JsonObject token = await (await admin.PostAsync($"hub/api/users/{user}/tokens", null)).ObjectAsync();
            clients.Add((user, hub.Client(token.Text("token"))));
        }
        (string guest, CookieContainer _) = await hub.JoinAsGuestAsync((await hub.CreateClassAsync("lecturer")).Code());
        JsonObject ofGuest = await (await admin.PostAsync($"hub/api/users/{Uri.EscapeDataString(guest)}/tokens", null)).ObjectAsync();
        return [.. clients, ("guest", hub.Client(ofGuest.Text("token"))), ("grader", hub.Client(ServiceToken)), ("admin", hub.Client())];
    }

    /// <summary>Knocks with a body that no endpoint accepts, so that who is let in does as little as may be.</summary>
    private static async Task<(char Got, bool Failed)> KnockAsync(HttpClient client, string method, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path.TrimStart('/'));
        request.Headers.Add("Accept", "application/json");
        if (method is not ("GET" or "HEAD"))
            request.Content = Json.Raw("[]");
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.NotFound))
            return ('+', answer.StatusCode == HttpStatusCode.InternalServerError);
        string text = method == "HEAD" ? "" : await answer.Content.ReadAsStringAsync();
        bool refused = method == "HEAD" || text.Contains("Action is not authorized with current scopes", StringComparison.Ordinal) || text.Contains("No access to resources", StringComparison.Ordinal)
            || text.Contains("Missing or invalid credentials", StringComparison.Ordinal) || text.Contains("\"Forbidden\"", StringComparison.Ordinal)
            || text.Contains("'_xsrf' argument missing", StringComparison.Ordinal);
        return (!refused ? '+' : answer.StatusCode == HttpStatusCode.NotFound ? '4' : '3', false);
    }

    private static string PathOf(RoutePattern pattern) =>
        string.Concat(pattern.PathSegments.Select(segment => "/" + string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternParameterPart { Name: "user" } => "ada",
            RoutePatternParameterPart { Name: "group" } => "physics",
            RoutePatternParameterPart { Name: "service" } => "grader",
            RoutePatternParameterPart { Name: "id", ParameterPolicies: [{ Content: "long" }] } => "1",
            RoutePatternParameterPart { IsOptional: true } => "",
            RoutePatternParameterPart { ParameterPolicies.Count: > 0 } => "7d9f0c3a-2b54-4c7b-9d0e-1f2a3b4c5d6e",
            _ => "x9",
        }))));
}
