using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hub.Tests.Web;

/// <summary>Draws a page to its HTML, as the server does.</summary>
internal static class DrawnPage
{
    public static async Task<string> DrawAsync(Type page, object view)
    {
        await using ServiceProvider services = new ServiceCollection().BuildServiceProvider();
        await using HtmlRenderer renderer = new(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            ParameterView parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["View"] = view });
            return (await renderer.RenderComponentAsync(page, parameters)).ToHtmlString();
        });
    }

    public static Task<string> DrawAsync<TPage>(object view)
        where TPage : IComponent => DrawAsync(typeof(TPage), view);
}
