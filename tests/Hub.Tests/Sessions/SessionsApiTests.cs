using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Hub.Journal.Recording;
using Hub.Tests.Kernels;
using Testing;
using Xunit;

namespace Hub.Tests.Sessions;

/// <summary>Sessions on Jupyter Server's API, asked for as its clients do.</summary>
public sealed class SessionsApiTests
{
    [Fact]
    public async Task Two_tabs_on_one_path_share_session_and_kernel_even_when_they_open_it_at_once()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        JsonElement[] both = await Task.WhenAll(OpenAsync(hub, "work/a.ipynb"), OpenAsync(hub, "work/a.ipynb"));
        Assert.Equal(both[0].GetProperty("id").GetString(), both[1].GetProperty("id").GetString());
        Assert.Equal(KernelOf(both[0]), KernelOf(both[1]));
        Assert.Single(hub.Spawner.Requests);
        Assert.Equal("work", hub.Spawner.Requests.Single().WorkingDirectory);

        JsonElement session = Assert.Single((await hub.Client.GetFromJsonAsync<JsonElement>("api/sessions")).EnumerateArray());
        Assert.Equal("work/a.ipynb", session.GetProperty("path").GetString());
        Assert.Equal("a.ipynb", session.GetProperty("name").GetString());
        Assert.Equal("notebook", session.GetProperty("type").GetString());
        Assert.Equal("work/a.ipynb", session.GetProperty("notebook").GetProperty("path").GetString());
        Assert.Equal("idle", session.GetProperty("kernel").GetProperty("execution_state").GetString());
    }

    [Fact]
    public async Task The_old_form_of_the_body_means_a_notebook()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync("api/sessions", new { notebook = new { path = "old.ipynb" } });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        JsonElement session = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("notebook", session.GetProperty("type").GetString());
        Assert.EndsWith($"/user/admin/api/sessions/{session.GetProperty("id").GetString()}", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"type":"notebook"}""", 400)]
    [InlineData("""{"path":"a"}""", 400)]
    [InlineData("""{"path":7,"type":"notebook"}""", 400)]
    [InlineData("""{"path":"a","type":"notebook","kernel":[]}""", 400)]
    [InlineData("""{"path":"a","type":"notebook","kernel":{"id":"no-uuid"}}""", 400)]
    [InlineData("""{"path":"a","type":"notebook","kernel":{"name":"nope"}}""", 501)]
    public async Task A_wish_that_makes_no_sense_is_refused_by_name_and_changes_nothing(string body, int status)
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        using HttpResponseMessage answer = await hub.Client.PostAsync("api/sessions", new StringContent(body, null, "application/json"));
        Assert.Equal(status, (int)answer.StatusCode);
        JsonElement error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal(status == 501, error.TryGetProperty("short_message", out _));
        Assert.Equal(0, (await hub.Client.GetFromJsonAsync<JsonElement>("api/sessions")).GetArrayLength());
        Assert.Empty(hub.Spawner.Requests);
    }

    [Fact]
    public async Task A_session_attaches_to_a_running_kernel_or_starts_one_under_the_wished_id()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        string running = await hub.StartKernelAsync();
        Assert.Equal(running, KernelOf(await OpenAsync(hub, "a.ipynb", new { id = running })));
        string wished = Guid.NewGuid().ToString();
        Assert.Equal(wished, KernelOf(await OpenAsync(hub, "b.ipynb", new { id = wished })));
        Assert.Equal(2, hub.Spawner.Requests.Count);
    }

    [Fact]
    public async Task A_rename_keeps_the_kernel()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        JsonElement session = await OpenAsync(hub, "a.ipynb");
        JsonElement renamed = await ChangeAsync(hub, session, new { path = "b.ipynb", name = "b.ipynb", kernel = new { id = (string?)null } });
        Assert.Equal("b.ipynb", renamed.GetProperty("path").GetString());
        Assert.Equal(KernelOf(session), KernelOf(renamed));
        Assert.Equal(renamed.GetProperty("id").GetString(), (await OpenAsync(hub, "b.ipynb")).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Another_kernel_ends_the_former_one()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        JsonElement session = await OpenAsync(hub, "a.ipynb");
        JsonElement changed = await ChangeAsync(hub, session, new { kernel = new { name = "python3" } });
        Assert.NotEqual(KernelOf(session), KernelOf(changed));
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync($"api/kernels/{KernelOf(session)}")).StatusCode);

        string path = $"api/sessions/{session.GetProperty("id").GetString()}";
        Assert.Equal(HttpStatusCode.BadRequest, (await hub.Client.PatchAsJsonAsync(path, new { kernel = new { id = Guid.NewGuid() } })).StatusCode);
        Assert.Equal(HttpStatusCode.NotImplemented, (await hub.Client.PatchAsJsonAsync(path, new { kernel = new { name = "nope" } })).StatusCode);
    }

    [Fact]
    public async Task Closing_a_session_ends_its_kernel_unless_another_session_has_it()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        JsonElement first = await OpenAsync(hub, "a.ipynb");
        JsonElement second = await OpenAsync(hub, "console-1", new { id = KernelOf(first) });
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.DeleteAsync($"api/sessions/{first.GetProperty("id").GetString()}")).StatusCode);
        Assert.Equal("idle", await hub.StateOfAsync(KernelOf(second)));
        Assert.Equal(HttpStatusCode.NoContent, (await hub.Client.DeleteAsync($"api/sessions/{second.GetProperty("id").GetString()}")).StatusCode);
        Assert.Empty(await hub.Spawner.ListAsync(default));
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.DeleteAsync($"api/sessions/{second.GetProperty("id").GetString()}")).StatusCode);
    }

    [Fact]
    public async Task A_session_whose_kernel_is_gone_is_gone()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        JsonElement session = await OpenAsync(hub, "a.ipynb");
        await hub.Client.DeleteAsync($"api/kernels/{KernelOf(session)}");
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Client.GetAsync($"api/sessions/{session.GetProperty("id").GetString()}")).StatusCode);
        Assert.Equal(0, (await hub.Client.GetFromJsonAsync<JsonElement>("api/sessions")).GetArrayLength());
    }

    [Fact]
    public async Task Opening_a_document_whose_kernel_died_restarts_it()
    {
        await using KernelHub hub = await KernelHub.StartAsync();
        JsonElement session = await OpenAsync(hub, "a.ipynb");
        await hub.Spawner.KernelOf(KernelOf(session)).DieAsync();
        await Eventually.Holds(async () => await hub.StateOfAsync(KernelOf(session)) == "dead");
        JsonElement again = await OpenAsync(hub, "a.ipynb");
        Assert.Equal(KernelOf(session), KernelOf(again));
        Assert.Equal("idle", again.GetProperty("kernel").GetProperty("execution_state").GetString());
    }

    [Fact]
    public async Task A_kernel_that_cannot_start_is_told_with_cause_and_remedy()
    {
        await using FailingSpawner failing = new(new Spawner.SpawnException(Spawner.SpawnFailure.ImageMissing, "The image is missing. Build it.", "operator"));
        await using KernelHub hub = await KernelHub.StartAsync(failing);
        using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync("api/sessions", new { path = "a.ipynb", type = "notebook", name = "a.ipynb" });
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("The image is missing. Build it.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restarted_hub_finds_kernels_and_sessions_again_and_tabs_go_on()
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        await using FakeSpawner spawner = new();
        string session = Guid.NewGuid().ToString();
        try
        {
            await using RecorderServer recorder = RecorderServer.Start(data, new RecorderOptions(), TimeProvider.System)!;
            KernelHub before = await KernelHub.StartAsync(spawner, data, "Recorder:Enabled=true");
            JsonElement opened = await OpenAsync(before, "a.ipynb");
            JsonElement gone = await OpenAsync(before, "gone.ipynb");
            BrowserTab old = await before.OpenTabAsync(KernelOf(opened), session);
            string seen = (await old.RunToEndAsync("1+1"))[0].Session;
            string running = await old.RunAsync("sleep\necho survived");
            await spawner.KernelOf(KernelOf(opened)).Asked(Wire.Jupyter.MessageTypes.ExecuteRequest, 2);
            await before.DisposeAsync();
            await old.DisposeAsync();
            await spawner.KernelOf(KernelOf(gone)).DieAsync();

            await using KernelHub after = await KernelHub.StartAsync(spawner, data, "Recorder:Enabled=true");
            JsonElement found = Assert.Single((await after.Client.GetFromJsonAsync<JsonElement>("api/sessions")).EnumerateArray());
            Assert.Equal(opened.GetProperty("id").GetString(), found.GetProperty("id").GetString());
            Assert.Equal(KernelOf(opened), KernelOf(found));
            await using BrowserTab tab = await after.OpenTabAsync(KernelOf(found), session);
            await Eventually.Holds(async () => await after.StateOfAsync(KernelOf(found)) == "busy");
            spawner.KernelOf(KernelOf(opened)).Release();
            await tab.DoneAsync(running);
            Assert.Equal("survived\n", tab.TextOf(running));
            Assert.Equal(seen, (await tab.RunToEndAsync("1+1"))[0].Session);
            Assert.Equal("idle", await after.StateOfAsync(KernelOf(found)));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task An_engine_that_is_down_while_the_hub_starts_costs_no_session()
    {
        string data = Directory.CreateTempSubdirectory("hub-test-").FullName;
        await using DeafSpawner spawner = new();
        try
        {
            KernelHub before = await KernelHub.StartAsync(spawner, data);
            JsonElement opened = await OpenAsync(before, "a.ipynb");
            await before.DisposeAsync();

            spawner.IsDeaf = true;
            await using KernelHub after = await KernelHub.StartAsync(spawner, data, "Kernels:AdoptRetryAfter=00:00:00.1");
            Assert.Equal(0, (await after.Client.GetFromJsonAsync<JsonElement>("api/sessions")).GetArrayLength());
            spawner.IsDeaf = false;
            await Eventually.Holds(async () => (await after.Client.GetFromJsonAsync<JsonElement>("api/sessions")).GetArrayLength() == 1);
            await using BrowserTab tab = await after.OpenTabAsync(KernelOf(opened));
            await tab.RunToEndAsync("1+1");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Cannot tell for a while which kernels run.</summary>
    private sealed class DeafSpawner : FakeSpawner
    {
        public bool IsDeaf { get; set; }

        public override Task<IReadOnlyList<Spawner.SpawnedKernel>> ListAsync(CancellationToken cancellationToken) =>
            IsDeaf ? throw new IOException("The engine does not answer.") : base.ListAsync(cancellationToken);
    }

    private static string KernelOf(JsonElement session) => session.GetProperty("kernel").GetProperty("id").GetString()!;

    private static async Task<JsonElement> OpenAsync(KernelHub hub, string path, object? kernel = null)
    {
        using HttpResponseMessage answer = await hub.Client.PostAsJsonAsync("api/sessions", new { path, type = "notebook", name = Path.GetFileName(path), kernel });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<JsonElement> ChangeAsync(KernelHub hub, JsonElement session, object change)
    {
        using HttpResponseMessage answer = await hub.Client.PatchAsJsonAsync($"api/sessions/{session.GetProperty("id").GetString()}", change);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
