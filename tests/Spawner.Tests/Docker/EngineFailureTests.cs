using Spawner.Docker;
using Testing;
using Xunit;

namespace Spawner.Tests.Docker;

/// <summary>Engines that are broken, busy, slow, too old or no engines at all.</summary>
public sealed class EngineFailureTests : IAsyncLifetime
{
    private readonly FakeEngine _fake = new();
    private readonly HubDirectory _hub = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _fake.DisposeAsync();
        _hub.Dispose();
    }

    private DockerSpawner Spawner(int seconds = 30) => TestEngine.Open(_hub.Site, new DockerOptions { Socket = _fake.Path, RequestTimeoutSeconds = seconds });

    private SpawnRequest Request => new()
    {
        KernelId = Guid.NewGuid().ToString(),
        UserName = "ada",
        KernelSpecName = "python3",
        Command = ["python3"],
        HomeDirectory = _hub.Home,
        Key = "k",
        Image = "some/image:1",
    };

    private async Task<SpawnException> FailedStart(int seconds = 30)
    {
        await using DockerSpawner spawner = Spawner(seconds);
        return await Assert.ThrowsAsync<SpawnException>(() => Eventually.Comes(spawner.StartAsync(Request, null, CancellationToken.None)));
    }

    /// <summary>A healthy engine that has every image, but for what <paramref name="but"/> says.</summary>
    private void Healthy(Func<string, (int, string)?> but) => _fake.Answer = asked =>
        but(asked) is { } special ? special
        : asked == "GET /version" ? FakeEngine.Version()
        : asked.Contains("/images/", StringComparison.Ordinal) ? (200, """{"Id":"sha256:1"}""")
        : asked.Contains("/volumes/create", StringComparison.Ordinal) ? (201, """{"Name":"v","Mountpoint":"/nonexistent"}""")
        : (404, """{"message":"no such container"}""");

    [Theory]
    [InlineData(429, "too many requests")]
    [InlineData(503, "shutting down")]
    public async Task A_busy_engine_is_said_to_be_unavailable(int status, string message)
    {
        Healthy(asked => asked.Contains("/containers/create", StringComparison.Ordinal) ? (status, $$"""{"message":"{{message}}"}""") : null);

        SpawnException failure = await FailedStart();

        Assert.Equal(SpawnFailure.EngineUnavailable, failure.Failure);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_engine_is_told_to_the_operator_in_its_own_words_only()
    {
        Healthy(asked => asked.Contains("/containers/create", StringComparison.Ordinal) ? (500, """{"message":"secret path /var/lib/x is broken"}""") : null);

        SpawnException failure = await FailedStart();

        Assert.Equal(SpawnFailure.Unknown, failure.Failure);
        Assert.Contains("/var/lib/x", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("/var/lib/x", failure.UserMessage, StringComparison.Ordinal);
        Assert.Contains(_fake.Asked, asked => asked.StartsWith("DELETE", StringComparison.Ordinal) && asked.Contains("/volumes/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<html>I am a proxy</html>")]
    [InlineData("null")]
    [InlineData("[1, 2")]
    public async Task Garbage_is_not_taken_for_an_engine(string garbage)
    {
        _fake.Answer = _ => (200, garbage);

        Assert.Equal(SpawnFailure.EngineUnavailable, (await FailedStart()).Failure);
    }

    [Fact]
    public async Task An_engine_that_never_answers_is_given_up_after_the_time_limit()
    {
        _fake.Answer = _ => null;

        SpawnException failure = await FailedStart(seconds: 1);

        Assert.Equal(SpawnFailure.EngineUnavailable, failure.Failure);
        Assert.Contains("Docker:RequestTimeoutSeconds", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_death_of_which_no_event_tells_is_known_from_the_second_list()
    {
        bool lives = true;
        string labels = $$"""{"{{SpawnLabels.Hub}}":"{{_hub.Site.HubId}}","{{SpawnLabels.KernelId}}":"k"}""";
        _fake.Answer = asked => asked switch
        {
            "GET /version" => FakeEngine.Version(),
            _ when asked.Contains("/events", StringComparison.Ordinal) => null,
            _ when asked.Contains("/volumes", StringComparison.Ordinal) => (200, """{"Volumes":[]}"""),
            _ when asked.Contains("/containers/json", StringComparison.Ordinal) => (200, $$"""[{"Id":"c1","State":"{{(lives ? "running" : "exited")}}","Labels":{{labels}}}]"""),
            _ when asked.Contains("/containers/c1/json", StringComparison.Ordinal) => (200, $$$"""{"Id":"c1","State":{"Status":"{{{(lives ? "running" : "exited")}}}","ExitCode":137}}"""),
            _ => (404, """{"message":"no"}"""),
        };
        await using DockerSpawner spawner = TestEngine.Open(_hub.Site, new DockerOptions { Socket = _fake.Path });
        SpawnedKernel kernel = new("k", "ada", "python3", "c1", new KernelEndpoint("ipc", "k", 1, 2, 3, 4, 5, ""), InterruptMode.Signal, DateTimeOffset.UnixEpoch, new Dictionary<string, string>());
        Task<KernelExit> waiting = spawner.WaitAsync(kernel, TestContext.Current.CancellationToken);
        await Eventually.Holds(() => _fake.Asked.Any(asked => asked.Contains("/containers/c1/json", StringComparison.Ordinal)));

        lives = false;
        Assert.Single(await spawner.ListAsync(TestContext.Current.CancellationToken));
        Assert.False(waiting.IsCompleted);
        Assert.Single(await spawner.ListAsync(TestContext.Current.CancellationToken));

        Assert.Equal((KernelExitCause.Signalled, 9), ((await Eventually.Comes(waiting)).Cause, (await waiting).Signal));
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_said_to_be_unavailable()
    {
        await using DockerSpawner spawner = TestEngine.Open(_hub.Site, new DockerOptions { Socket = "/nonexistent/docker.sock" });

        SpawnException failure = await Assert.ThrowsAsync<SpawnException>(() => spawner.StartAsync(Request, null, CancellationToken.None));

        Assert.Equal(SpawnFailure.EngineUnavailable, failure.Failure);
        await Assert.ThrowsAsync<SpawnException>(() => spawner.ListAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("1.40", "1.12", "update Docker")]
    [InlineData("1.99", "1.90", "update the hub")]
    [InlineData("", "", "does not say")]
    public async Task An_engine_of_another_time_is_refused_with_what_to_do(string api, string min, string said)
    {
        _fake.Answer = _ => FakeEngine.Version(api, min);

        Assert.Contains(said, (await FailedStart()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.41", "1.12", "1.41")]
    [InlineData("1.45", "1.24", "1.45")]
    [InlineData("1.52", "1.44", "1.52")]
    [InlineData("1.60", "1.44", "1.52")]
    public void The_newest_version_both_know_is_spoken(string api, string min, string spoken) =>
        Assert.Equal(Version.Parse(spoken), EngineVersionPolicy.Negotiate(api, min).Speak);

    [Fact]
    public async Task An_engine_that_was_replaced_is_asked_for_its_version_again()
    {
        string version = "1.45";
        _fake.Answer = asked => asked == "GET /version" ? FakeEngine.Version(version)
            : asked.Contains($"/v{version}/", StringComparison.Ordinal) ? (200, """{"Id":"sha256:1"}""")
            : (400, """{"message":"client version 1.45 is too new. Maximum supported API version is 1.43"}""");
        using EngineClient client = TestEngine.Client(_fake.Path);
        EngineCalls calls = new(client);
        Assert.NotNull(await calls.FindImageAsync("x", CancellationToken.None));

        version = "1.43";

        Assert.NotNull(await calls.FindImageAsync("x", CancellationToken.None));
        Assert.Equal(2, _fake.Asked.Count(asked => asked == "GET /version"));
    }

    [Fact]
    public void The_chooser_asks_the_engine_and_says_why()
    {
        SpawnerChoice none = SpawnerChooser.Choose("auto", new DockerOptions { Socket = "/nonexistent/docker.sock" });
        Assert.Equal(SpawnerKind.Process, none.Kind);
        Assert.Contains("/nonexistent/docker.sock", none.Sentence, StringComparison.Ordinal);

        _fake.Answer = _ => (200, "OK");
        Assert.Equal(SpawnerKind.Container, SpawnerChooser.Choose("auto", new DockerOptions { Socket = _fake.Path }).Kind);
        Assert.Equal(SpawnerKind.Process, SpawnerChooser.Choose("process", new DockerOptions { Socket = _fake.Path }).Kind);
        Assert.Equal(SpawnerKind.Container, SpawnerChooser.Choose("Docker", new DockerOptions { Socket = "/nonexistent/docker.sock" }).Kind);
        Assert.Contains("Hub:Spawner", Assert.Throws<ArgumentException>(() => SpawnerChooser.Choose("kubernetes", new DockerOptions())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "/var/run/docker.sock")]
    [InlineData("", "unix:///run/user/1000/docker.sock", "/run/user/1000/docker.sock")]
    [InlineData("/a/docker.sock", "unix:///b", "/a/docker.sock")]
    [InlineData(null, "tcp://10.0.0.1:2375", "")]
    public void The_socket_comes_from_the_option_then_the_environment_then_the_usual_place(string? option, string? dockerHost, string path)
    {
        EngineSocket socket = EngineSocket.Find(option, dockerHost);

        Assert.Equal(path, socket.Path);
        Assert.Equal(path.Length == 0, socket.Problem is not null);
    }
}
