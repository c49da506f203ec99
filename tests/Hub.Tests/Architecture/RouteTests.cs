using Hub.Http;
using Hub.Lab;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>Every route says who may use it.</summary>
public sealed class RouteTests
{
    [Fact]
    public async Task Every_route_states_a_scope_or_says_why_it_is_public_and_what_programs_call_is_described()
    {
        string data = Directory.CreateTempSubdirectory("hub-routes-").FullName;
        try
        {
            await using WebApplication hub = HubApplication.Create(["--data", data, "--urls", "http://127.0.0.1:0", "Hub:Spawner=process"]);
            List<RouteEndpoint> routes = ((IEndpointRouteBuilder)hub).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
            Assert.NotEmpty(routes);
            Assert.Empty(
                from operation in ApiSpecHandler.Operations(routes)
                where ApiOperation.Of(operation.Method, operation.Path) == ApiOperation.Undescribed
                select $"{operation.Method} {operation.Path} is not described in Lab/ApiOperation.cs");
            Assert.Empty(
                from operation in HubSpecHandler.Operations(routes)
                where HubOperation.Find(operation.Method, operation.Path) is null
                select $"{operation.Method} {operation.Path} is not described in Lab/HubOperation.cs");
            Assert.Empty(HubOperation.Described.Except(HubSpecHandler.Operations(routes).Select(operation => $"{operation.Method} {operation.Path}")));
            Assert.Empty(
                from route in routes
                where route.Metadata.GetMetadata<RequiredScope>() is null && route.Metadata.GetMetadata<PublicRoute>() is null
                select $"{route.DisplayName} states neither a scope nor that it is public");
            Assert.Empty(
                from route in routes
                where route.Metadata.GetMetadata<PublicRoute>() is { Why.Length: < 10 }
                select $"{route.DisplayName} does not say why it is public");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
