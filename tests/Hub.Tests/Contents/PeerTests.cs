using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Testing;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>
/// Random sequences of calls to the Contents API, and to sessions without a kernel, sent to Debian's jupyter-server and to the hub alike: both answer the same, but for
/// the differences that docs/reference/compatibility.md lists, each of which is named here.
/// </summary>
public sealed class PeerTests : IAsyncLifetime
{
    private const int CallsPerSequence = 40;
    private const string Program = "/usr/bin/jupyter-server";
    private const string Token = "peer-test-token";

    private static readonly string[] s_paths = ["a.txt", "b.bin", "n.ipynb", "d", "d/a.txt", "d/n.ipynb", "d/e", "d/e/a.txt", "missing/a.txt", "", "\u00fc \u65e5.txt", ".hidden.txt"];

    private static readonly string[] s_compared = ["name", "path", "type", "format", "mimetype", "writable"];

    private readonly string _folder = Directory.CreateTempSubdirectory("hub-peer-").FullName;
    private ContentsFixture? _fixture;
    private HttpClient? _peer;
    private Process? _process;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
            return;
        _fixture = await ContentsFixture.StartAsync();
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        ProcessStartInfo start = new(Program,
        [
            "--no-browser", "--allow-root", $"--ServerApp.port={port}", $"--ServerApp.token={Token}", $"--ServerApp.root_dir={_folder}", "--ServerApp.disable_check_xsrf=True",
            "--FileContentsManager.delete_to_trash=False", "--FileContentsManager.always_delete_dir=True",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["HOME"] = start.Environment["JUPYTER_RUNTIME_DIR"] = Directory.CreateTempSubdirectory("hub-peer-home-").FullName;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _peer = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        _peer.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", Token);
        await Eventually.Holds(AnswersAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        _peer?.Dispose();
        if (_fixture is not null)
            await _fixture.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Random_sequences_of_calls_are_answered_as_Jupyter_Server_does()
    {
        Assert.SkipUnless(File.Exists(Program), "jupyter-server is not installed (tools/test-packages).");
        // The same calls each time, so that what fails can be looked at; HUB_TEST_SEED and HUB_TEST_CALLS go further.
        int seed = Setting("HUB_TEST_SEED", 20_261_122), calls = Setting("HUB_TEST_CALLS", 800);
        List<string> differences = [];
        HashSet<string> known = [];
        int compared = 0;
        for (int sequence = 0; compared < calls; sequence++)
        {
            Random random = new(seed + sequence);
            string root = $"s{sequence}";
            foreach (string made in new[] { root, $"{root}/d", $"{root}/d/e" })
                await BothAsync(new Call(HttpMethod.Put, $"api/contents/{made}", """{"type":"directory"}"""));
            for (int number = 0; number < CallsPerSequence; number++)
            {
                Call call = Next(random, root);
                (Answer ours, Answer theirs) = await BothAsync(call);
                compared++;
                if (Differ(call, ours, theirs) is not { } difference)
                    continue;
                if (Known(call, ours, theirs) is { } reason)
                    known.Add(reason);
                else
                    differences.Add($"{call}: {difference}");
                // Where one of them did something the two homes may differ from here on, and so would all that follows.
                if (ours.Status < 300 != theirs.Status < 300 || theirs.Status == 500 || call.Method == HttpMethod.Put)
                    break;
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {compared} calls compared; known differences met: {string.Join("; ", known)}");
        Assert.True(differences.Count == 0, $"seed {seed}:\n{string.Join('\n', differences)}");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    /// <summary>What differs on purpose, in the words of docs/reference/compatibility.md; null when it does not.</summary>
    private static string? Known(Call call, Answer ours, Answer theirs) => (call.Method.Method, ours.Status, theirs.Status) switch
    {
        (_, >= 400 and < 500, 500) => "what fails with 500 there is refused with the reason",
        (_, 400, 404) when call.Path.Contains("/.hidden", StringComparison.Ordinal) => "a change of what is hidden is refused as that, also where nothing is",
        ("PUT", 404, _) => "directories on the way to a file are not made by saving",
        ("PUT", 400, 201) when call.Body is """{"type":"file"}""" => "a file without content is refused, as by Jupyter Server 2",
        ("PATCH", 400, 404 or 200) when call.Body is "{}" => "a rename without a new name is refused",
        ("PATCH", 404, 409) => "of two reasons for a refusal that a file is missing comes first",
        ("GET", 400 or 404, 403) when call.Path.StartsWith("files/", StringComparison.Ordinal) => "files/ of a directory says what is wrong",
        ("POST", _, 400) when theirs.Short.Contains("Can't copy directories", StringComparison.Ordinal) => "directories can be copied",
        ("POST", 404, 201) when call.Body?.Contains("copy_from", StringComparison.Ordinal) is true => "a copy is made in a directory that is there, not under the name of the address",
        ("POST" or "GET", 404, 400) => "of two reasons for a refusal that a file is missing comes first",
        _ => null,
    };

    private static string? Differ(Call call, Answer ours, Answer theirs)
    {
        if (ours.Status != theirs.Status)
            return $"{ours.Status} here, {theirs.Status} there: {ours.Short} | {theirs.Short}";
        if (ours.Status >= 300 || ours.Json is not JsonObject mine || theirs.Json is not JsonObject other)
            return null;
        foreach (string key in s_compared)
        {
            string? here = mine[key]?.ToJsonString(), there = other[key]?.ToJsonString();
            if (here != there)
                return $"{key} is {here ?? "null"} here, {there ?? "null"} there";
        }
        return (mine["content"], other["content"]) switch
        {
            (JsonArray entries, JsonArray others) => Compare("entries", Names(entries), Names(others)),
            (JsonValue text, JsonValue others) => Compare("content", text.ToJsonString(), others.ToJsonString()),
            (JsonObject notebook, JsonObject others) => Compare("notebook", Sources(notebook), Sources(others)),
            (null, null) => null,
            _ => "one has content, the other not",
        };
    }

    private static string? Compare(string what, string here, string there) => here == there ? null : $"{what}: {here} here, {there} there";

    private static string Names(JsonArray entries) => string.Join(' ', entries.Select(entry => (string?)entry!["name"]).Order(StringComparer.Ordinal));

    private static string Sources(JsonObject notebook) => string.Join(' ', notebook["cells"]!.AsArray().Select(cell => $"{cell!["id"]}={cell["source"]}"));

    private static Call Next(Random random, string root)
    {
        string One() => $"{root}/{s_paths[random.Next(s_paths.Length)]}".TrimEnd('/');
        string path = string.Join('/', One().Split('/').Select(Uri.EscapeDataString));
        string contents = $"api/contents/{path}";
        string Pick(params string[] choices) => choices[random.Next(choices.Length)];
        switch (random.Next(16))
        {
            case 0 or 1 or 2:
                return new Call(HttpMethod.Get, contents + Pick("", "", "?content=0", "?type=file", "?type=directory", "?type=notebook", "?format=text", "?format=base64", "?format=odd", "?content=2"), null);
            case 3 or 4:
                return new Call(HttpMethod.Put, contents, JsonOf(Pick("text", "text", "base64"), Pick("AAAA", "eA==", "line 1\\nline 2")));
            case 5:
                return new Call(HttpMethod.Put, contents, $$$"""{"type":"notebook","format":"json","content":{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"c{{{random.Next(9)}}}","metadata":{},"execution_count":null,"outputs":[],"source":"{{{random.Next(9)}}}"}]}}""");
            case 6:
                return new Call(HttpMethod.Put, contents, """{"type":"directory"}""");
            case 7:
                return new Call(HttpMethod.Put, contents, Pick("{", "{}", """{"type":"file"}""", """{"type":"file","content":"x"}""", """{"type":"odd","content":"x"}""", """{"type":"notebook","copy_from":"a.txt"}"""));
            case 8:
                return new Call(HttpMethod.Post, contents, Pick("""{"type":"file","ext":".py"}""", """{"type":"notebook"}""", """{"type":"directory"}""", """{"ext":".ipynb"}""", "{}"));
            case 9:
                return new Call(HttpMethod.Post, contents, new JsonObject { ["copy_from"] = One() }.ToJsonString());
            case 10:
                return new Call(HttpMethod.Patch, contents, Pick(new JsonObject { ["path"] = One() }.ToJsonString(), new JsonObject { ["path"] = One() }.ToJsonString(), "{}"));
            case 11:
                return path == root ? new Call(HttpMethod.Get, "api/contents/" + root, null) : new Call(HttpMethod.Delete, contents, null);
            case 12:
                return new Call(HttpMethod.Post, $"{contents}/checkpoints", null);
            case 13:
                return new Call(random.Next(2) == 0 ? HttpMethod.Post : HttpMethod.Delete, $"{contents}/checkpoints/checkpoint", null);
            case 14:
                return new Call(HttpMethod.Get, $"files/{path}", null);
            default:
                string none = "api/sessions/11111111-2222-3333-4444-555555555555";
                return random.Next(5) switch
                {
                    0 => new Call(HttpMethod.Get, "api/sessions", null),
                    1 => new Call(HttpMethod.Get, none, null),
                    2 => new Call(HttpMethod.Delete, none, null),
                    3 => new Call(HttpMethod.Patch, none, """{"path":"x.ipynb"}"""),
                    _ => new Call(HttpMethod.Post, "api/sessions", Pick("{", """{"name":"x"}""", """{"path":"x.ipynb"}""", """{"type":"notebook"}""")),
                };
        }
    }

    private static string JsonOf(string format, string content) => $$"""{"type":"file","format":"{{format}}","content":"{{(format == "base64" && content.Contains(' ', StringComparison.Ordinal) ? "eHl6" : content)}}"}""";

    private async Task<(Answer Ours, Answer Theirs)> BothAsync(Call call) =>
        (await SendAsync(_fixture!.Alice.Http, "user/alice/", call), await SendAsync(_peer!, "", call));

    private static async Task<Answer> SendAsync(HttpClient client, string prefix, Call call)
    {
        using HttpRequestMessage request = new(call.Method, new Uri($"{client.BaseAddress}{prefix}{call.Path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (call.Body is not null)
            request.Content = new StringContent(call.Body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        JsonNode? json = null;
        try
        {
            json = text.StartsWith('{') ? JsonNode.Parse(text) : null;
        }
        catch (System.Text.Json.JsonException)
        {
            // A file that begins like JSON.
        }
        return new Answer((int)response.StatusCode, json, text[..Math.Min(text.Length, 120)].ReplaceLineEndings(" "));
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await _peer!.GetAsync("api/status")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private sealed record Call(HttpMethod Method, string Path, string? Body)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Method} {Path} {Body}");
    }

    private sealed record Answer(int Status, JsonNode? Json, string Short);
}
