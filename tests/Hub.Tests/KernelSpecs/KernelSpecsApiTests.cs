using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.KernelSpecs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spawner;
using Xunit;

namespace Hub.Tests.KernelSpecs;

public sealed class KernelSpecsApiTests : IAsyncLifetime
{
    private HubFixture _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubFixture.StartAsync(replace: services => services.AddSingleton(new KernelSpecCatalog(
            Options.Create(new KernelSpecsOptions()), new SpawnerChoice(SpawnerKind.Container, ""), TimeProvider.System, NullLogger<KernelSpecCatalog>.Instance)));
        await _hub.Client().PostAsync("hub/api/users/admin/server", null);
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task The_list_names_a_default_and_has_what_front_ends_need()
    {
        JsonObject list = (await _hub.Client().GetFromJsonAsync<JsonObject>("user/admin/api/kernelspecs"))!;
        Assert.Equal("python3", list["default"]!.GetValue<string>());
        JsonNode python = list["kernelspecs"]!["python3"]!;
        Assert.Equal("python3", python["name"]!.GetValue<string>());
        Assert.Equal(["argv", "env", "display_name", "language", "interrupt_mode", "metadata", "kernel_protocol_version"], python["spec"]!.AsObject().Select(member => member.Key));
        Assert.Equal("/user/admin/kernelspecs/python3/logo-svg.svg", python["resources"]!["logo-svg"]!.GetValue<string>());
    }

    [Fact]
    public async Task One_is_found_without_regard_to_case_and_its_logo_is_a_picture()
    {
        JsonObject spec = (await _hub.Client().GetFromJsonAsync<JsonObject>("user/admin/api/kernelspecs/PYTHON3"))!;
        using HttpResponseMessage logo = await _hub.Client().GetAsync(spec["resources"]!["logo-svg"]!.GetValue<string>().TrimStart('/'));
        Assert.Equal("image/svg+xml", logo.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("<svg", await logo.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user/admin/api/kernelspecs/nothing", "Kernel spec nothing not found")]
    [InlineData("user/admin/kernelspecs/python3/kernel.json", "no file")]
    [InlineData("user/admin/kernelspecs/python3/..%2fr%2flogo-svg.svg", "'..'")]
    public async Task What_is_not_there_is_404(string path, string why)
    {
        using HttpResponseMessage answer = await _hub.Client().GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(why, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
