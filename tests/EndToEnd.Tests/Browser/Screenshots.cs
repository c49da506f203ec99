using Microsoft.Playwright;

namespace EndToEnd.Tests.Browser;

/// <summary>Pictures the tests take: always under <c>out/test/screenshots</c>, and in <c>docs/images</c> when <c>HUB_UPDATE_DOCS=1</c>.</summary>
internal static class Screenshots
{
    public static async Task TakeAsync(this IPage page, string name, bool document = true)
    {
        byte[] picture = await page.ScreenshotAsync(new PageScreenshotOptions { Animations = ScreenshotAnimations.Disabled });
        List<string> folders = [Path.Combine(HubProcess.RepositoryRoot(), "out", "test", "screenshots")];
        if (document && Environment.GetEnvironmentVariable("HUB_UPDATE_DOCS") == "1")
            folders.Add(Path.Combine(HubProcess.RepositoryRoot(), "docs", "images"));
        foreach (string folder in folders)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), picture);
        }
    }
}
