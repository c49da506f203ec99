using System.Net;
using Hub.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Telemetry;

public sealed class MetricsTests(HubFixture hub) : IClassFixture<HubFixture>
{
    [Theory]
    [InlineData("http.server.request.duration", "s", "histogram", "http_server_request_duration_seconds")]
    [InlineData("hub.kernels.started", null, "counter", "hub_kernels_started_total")]
    [InlineData("process.memory", "By", "gauge", "process_memory_bytes")]
    [InlineData("jupyterhub.running.servers", null, "gauge", "jupyterhub_running_servers")]
    public void Names_follow_Prometheus(string instrument, string? unit, string kind, string name) =>
        Assert.Equal(name, PrometheusCodec.NameOf(instrument, unit, kind));

    [Fact]
    public void Label_values_cannot_break_out_of_their_quotes() =>
        Assert.Equal("""a_b="x\"y\\z\n" """.TrimEnd(), PrometheusCodec.Labels([new("a.b", "x\"y\\z\n")]));

    [Fact]
    public void A_histogram_is_written_cumulated()
    {
        MetricFamily family = new("f", "histogram", "help", [1, 2]);
        MetricSeries series = family.Series.GetOrAdd("a=\"b\"", labels => new MetricSeries(labels, family.Bounds));
        foreach (double value in new[] { 0.5, 1, 1.5, 9 })
            series.Record(value);
        Assert.Equal(
            """
            # HELP f help
            # TYPE f histogram
            f_bucket{a="b",le="1"} 2
            f_bucket{a="b",le="2"} 3
            f_bucket{a="b",le="+Inf"} 4
            f_sum{a="b"} 12
            f_count{a="b"} 4

            """,
            PrometheusCodec.Write([family]));
    }

    [Fact]
    public async Task Requests_and_servers_are_counted_for_whoever_scrapes()
    {
        await hub.Client().GetAsync("hub/api/");
        using HttpResponseMessage answer = await hub.Client(token: null).GetAsync("metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("http_server_request_duration_seconds_count{", text, StringComparison.Ordinal);
        Assert.Contains("\njupyterhub_running_servers 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\njupyterhub_total_users 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\njupyterhub_active_users{period=\"24h\"} ", text, StringComparison.Ordinal);
        Assert.Matches("jupyterhub_request_duration_seconds_count\\{method=\"GET\",handler=\"/hub/api/?\",code=\"200\"\\} ", text);
        Assert.Contains($"hub_build_info{{version=\"{HubMetrics.Version}\"", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.Matches(@"^(#.*|[a-z_]+(\{.*\})? [0-9.E+-]+|)$", line));
    }

    [Fact]
    public async Task Metrics_can_be_switched_off()
    {
        await using HubFixture silent = await HubFixture.StartAsync(["Telemetry:Metrics=false"]);
        using HttpResponseMessage answer = await silent.Client().GetAsync("metrics");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Health_is_told_to_anybody()
    {
        foreach (string path in new[] { "health/live", "health/ready", "hub/health", "hub/api/health" })
        {
            using HttpResponseMessage answer = await hub.Client(token: null).GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_hub_that_misses_something_is_alive_but_not_ready()
    {
        await using HubFixture missing = await HubFixture.StartAsync(replace: services => services.AddSingleton<IReadiness, NeverReady>());
        using HttpResponseMessage live = await missing.Client(token: null).GetAsync("health/live");
        using HttpResponseMessage ready = await missing.Client(token: null).GetAsync("health/ready");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (live.StatusCode, ready.StatusCode));
        Assert.Equal("the moon is away\n", await ready.Content.ReadAsStringAsync());
    }

    private sealed class NeverReady : IReadiness
    {
        public Task<string?> FindProblemAsync(CancellationToken cancellationToken) => Task.FromResult<string?>("the moon is away");
    }
}
