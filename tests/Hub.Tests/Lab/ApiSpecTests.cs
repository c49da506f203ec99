using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Hub.Lab;
using Xunit;

namespace Hub.Tests.Lab;

/// <summary>The description of the API is made from the routes; what people wrote beside them is kept true here.</summary>
public sealed class ApiSpecTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Every_operation_is_described_and_every_reference_leads_somewhere()
    {
        using HttpResponseMessage answer = await lab.Hub.Client().GetAsync("user/admin/api/spec.yaml");
        Assert.Equal("text/x-yaml", answer.Content.Headers.ContentType?.MediaType);
        JsonObject spec = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject(); // fails when an operation has no description
        Assert.Equal("3.0.3", spec["openapi"]!.GetValue<string>());
        JsonObject paths = spec["paths"]!.AsObject();
        Assert.Contains("/api/contents/{path}", paths.Select(path => path.Key));
        Assert.Equal(["delete", "get"], paths["/api/kernels/{kernelId}"]!.AsObject().Select(method => method.Key));
        Assert.All(paths.SelectMany(path => path.Value!.AsObject()), method => Assert.EndsWith(".", method.Value!["summary"]!.GetValue<string>(), StringComparison.Ordinal));
        JsonObject schemas = spec["components"]!["schemas"]!.AsObject();
        Assert.All(References(spec), reference => Assert.Contains(reference["#/components/schemas/".Length..], schemas.Select(schema => schema.Key)));
    }

    [Theory]
    [InlineData("api", "Version")]
    [InlineData("api/status", "Status")]
    [InlineData("api/contents/", "Contents")]
    [InlineData("api/kernelspecs", "KernelSpecs")]
    [InlineData("api/contents/nothing", "Error")]
    public async Task What_is_answered_is_what_the_schema_says(string path, string schema)
    {
        using HttpResponseMessage answer = await lab.Hub.Client().GetAsync("user/admin/" + path);
        JsonNode described = JsonNode.Parse(ApiOperation.Schemas)![schema]!;
        JsonObject got = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        described["additionalProperties"] = false;
        foreach ((string _, JsonNode? property) in described["properties"]!.AsObject().ToList())
        {
            // OpenAPI 3.0 says of a value that may be null what JSON schema says with a second type.
            if (property!["nullable"] is not null && property["type"] is { } type)
                (property["type"], property.AsObject()["enum"]) = (new JsonArray(type.DeepClone(), "null"), null);
            property.AsObject().Remove(property["enum"] is null ? "enum" : "");
        }
        Assert.Null(JsonSchemaCheck.FirstProblem(described, got));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(field => field.Key == "$ref" ? [field.Value!.GetValue<string>()] : References(field.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
