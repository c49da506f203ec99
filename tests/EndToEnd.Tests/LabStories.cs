using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>
/// What all stories share: pages of a hub that runs, notebooks in a home, and an end. At the end of each story the console of every page must be
/// free of errors, but for those the story says it provokes; and a story that failed leaves pictures of its pages.
/// </summary>
public abstract class LabStories(LabFixture lab) : IAsyncLifetime
{
    private readonly List<string> _provoked = [];

    protected LabFixture Lab { get; } = lab;

    public ValueTask InitializeAsync()
    {
        Lab.Chromium.Console.Forget();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            await PicturePagesAsync();
        foreach (IPage page in Lab.Admin.Pages.ToArray())
            await page.ShutAsync();
        IReadOnlyList<string> complaints = Lab.Chromium.Console.Unexpected(_provoked);
        Assert.True(complaints.Count == 0, $"The console of the page has errors:\n{string.Join('\n', complaints)}");
    }

    /// <summary>Says that this story makes pages complain.</summary>
    /// <param name="complaint">Pattern of the complaint.</param>
    /// <param name="reason">Why the page may.</param>
    protected void Provokes(string complaint, string reason)
    {
        Assert.NotEmpty(reason);
        _provoked.Add(complaint);
    }

    /// <summary>Says that a kernel ends in this story.</summary>
    protected void ProvokesEndOfKernel()
    {
        Provokes("Canceled future for \\w+ message before replies were done", "JupyterLab gives up what it asked a kernel that ended, and leaves the rejection unhandled");
        Provokes("Cannot read properties of undefined \\(reading '(isStarted|modules)'\\)", "JupyterLab's debugger asks the kernel that ended whether it is debugged");
    }

    /// <summary>The address of a path on the hub.</summary>
    protected string At(string path) => new Uri(Lab.Hub.Address, path).AbsoluteUri;

    /// <summary>JupyterLab in a new tab, with a layout of its own: what another story left open stays there.</summary>
    protected Task<LabPage> OpenLabAsync() => LabPage.OpenAsync(Lab.Admin, Lab.Hub.Address, $"user/admin/lab/workspaces/{Guid.NewGuid():N}");

    protected async Task SignInAsync(IBrowserContext person)
    {
        IPage page = await person.NewPageAsync();
        await page.GotoAsync(new Uri(Lab.Hub.Address, "hub/login").AbsoluteUri);
        await page.TakeAsync($"sign-in-{Lab.Spawner}");
        await page.Locator("input[name=username]").FillAsync("admin");
        await page.Locator("input[name=password]").FillAsync(LabFixture.Password);
        await page.Locator("main form button").First.ClickAsync();
        await Eventually.TrueAsync(() => page.Url.EndsWith("/hub/home", StringComparison.Ordinal), "the home page");
        await page.ShutAsync();
    }

    protected Task<string> WriteNotebookAsync(string name, params string[] cells) => WriteNotebookForAsync("python3", name, cells);

    /// <summary>Puts a notebook into the home, under a name nothing else has.</summary>
    /// <returns>Its path.</returns>
    protected async Task<string> WriteNotebookForAsync(string kernelSpec, string name, params string[] cells)
    {
        string unique = $"{Path.GetFileNameWithoutExtension(name)}-{Guid.NewGuid():N}.ipynb";
        // The first page starts the server, and the first listing makes the home.
        foreach (string address in new[] { "user/admin/lab", "user/admin/api/contents" })
        {
            IAPIResponse answer = await Lab.Admin.APIRequest.GetAsync(
                new Uri(Lab.Hub.Address, address).AbsoluteUri, new APIRequestContextOptions { Headers = [new("Accept", "text/html")] });
            Assert.True(answer.Ok, $"{address} answered {answer.Status}");
        }
        string path = Path.Combine(Lab.Hub.HomeOf("admin"), unique);
        await File.WriteAllTextAsync(path, NotebookFile.Of(kernelSpec, cells));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        return unique;
    }

    private async Task PicturePagesAsync()
    {
        string story = TestContext.Current.TestMethod?.MethodName ?? "story";
        int number = 0;
        foreach (IPage page in Lab.Admin.Pages)
            await page.TakeAsync($"failed-{Lab.Spawner}-{story}-{++number}", document: false);
    }
}
