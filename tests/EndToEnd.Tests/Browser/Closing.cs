using Microsoft.Playwright;

namespace EndToEnd.Tests.Browser;

/// <summary>
/// Closing what a story is done with. Chromium now and then never says that a page is gone, and Playwright then waits for ever: nothing of ours
/// is at stake by then, so it is waited for a while and left to the end of the browser.
/// </summary>
internal static class Closing
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    public static Task ShutAsync(this IPage page) => GoesOnAsync(page.CloseAsync());

    public static Task ShutAsync(this IBrowserContext person) => GoesOnAsync(person.CloseAsync());

    /// <summary>Waits a while, then no more.</summary>
    public static async Task GoesOnAsync(Task closed)
    {
        try
        {
            await closed.WaitAsync(s_patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Console.Error.WriteLine("A page that was closed never said so; the story goes on.");
        }
    }
}
