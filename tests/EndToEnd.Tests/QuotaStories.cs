using System.Text.RegularExpressions;
using EndToEnd.Tests.Browser;
using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>A home that may hold 8 MiB, measured.</summary>
public sealed class QuotaStories(QuotaStories.Fixture lab) : LabStories(lab), IClassFixture<QuotaStories.Fixture>
{
    [Fact]
    public async Task A_page_says_how_full_the_home_is_warns_before_it_is_and_saves_what_is_open_when_it_is()
    {
        string path = await WriteNotebookAsync(
            "quota.ipynb",
            "open('a.bin', 'wb').write(bytes(7 << 20)); print('seven')",
            "open('b.bin', 'wb').write(bytes(2 << 20)); print('nine')",
            "import os; os.remove('a.bin'); os.remove('b.bin'); print('none')");
        LabPage tab = await OpenLabAsync();
        await tab.OpenNotebookAsync(path);
        await tab.RunCellAsync(0);
        await tab.OutputTextAsync(0, "seven");
        ILocator notices = tab.Page.Locator(".Toastify__toast");
        await notices.GetByText("The home holds 7").WaitForAsync();
        await tab.Page.Locator("#hub-home").GetByText(new Regex("^Home 8[0-9] %$")).WaitForAsync();

        await tab.RunCellAsync(1);
        await tab.OutputTextAsync(1, "nine");
        await notices.GetByText(new Regex(@"^The home is full: 9(\.\d)? MiB of 8 MiB\. .* opening and deleting work\.$")).WaitForAsync();
        await tab.Page.TakeAsync("home-full");
        await tab.SaveAsync();
        // A page that comes now is told, too.
        LabPage late = await OpenLabAsync();
        await late.Page.Locator(".Toastify__toast").GetByText("The home is full").WaitForAsync();

        await tab.RunCellAsync(2);
        await tab.OutputTextAsync(2, "none");
        foreach (LabPage page in new[] { tab, late })
            await page.Page.Locator(".Toastify__toast").GetByText("The home is full").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Detached });
        await tab.Page.Locator("#hub-home").GetByText(new Regex("^Home [0-5] %$")).WaitForAsync();
    }

    public sealed class Fixture() : LabFixture("process")
    {
        protected override IReadOnlyList<string> Settings { get; } =
            ["Kernels:StopOnExit=true", $"Homes:QuotaBytes={8 << 20}", "Homes:QuotaKind=measured", "Homes:MeasureEvery=00:00:01", "Homes:LookEvery=00:00:00.200"];
    }
}
