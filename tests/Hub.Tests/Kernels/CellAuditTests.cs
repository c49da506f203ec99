using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Hub.Events.Audit;
using Microsoft.Extensions.DependencyInjection;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Who ran which cell: off unless the operator wants it, and then people are told.</summary>
public sealed class CellAuditTests
{
    private const string Code = "secret_plan = 'überall 🎈'";

    [Theory]
    [InlineData("Off", null)]
    [InlineData("Hash", null)]
    [InlineData("Text", "secret_plan = 'überall ")] // 24 characters; the 24th would be half of the balloon
    public async Task What_the_operator_wants_is_kept_and_nothing_more(string cells, string? text)
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, $"Audit:Cells={cells}", "Audit:MaxCellCharacters=24");
        string id = await hub.StartKernelAsync();
        await using BrowserTab tab = await hub.OpenTabAsync(id);
        await tab.RunToEndAsync(Code);
        string info = await tab.SendAsync(KernelChannel.Shell, MessageTypes.KernelInfoRequest, new { });
        await tab.DoneAsync(info);
        AuditStore store = hub.Hub.Services.GetRequiredService<AuditStore>();
        await hub.Hub.CreateUserAsync("last", "correct horse battery");
        await Eventually.Holds(async () => (await store.ListAsync(new AuditQuery { Kind = "user-created", User = "last" }, default)).Count == 1);
        IReadOnlyList<AuditRecord> cellsKept = await store.ListAsync(new AuditQuery { Kind = "cell" }, default);
        if (cells == "Off")
        {
            Assert.Empty(cellsKept);
            return;
        }
        AuditRecord record = Assert.Single(cellsKept);
        Assert.Equal(("admin", "admin"), (record.By, record.User));
        JsonNode detail = JsonNode.Parse(record.Detail)!;
        Assert.Equal(id, (string?)detail["kernel"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Code))), (string?)detail["hash"]);
        Assert.Equal(text, (string?)detail["text"]);
        if (text is null)
            Assert.DoesNotContain("secret_plan", await hub.Hub.DatabaseContentAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Off", false)]
    [InlineData("Hash", true)]
    [InlineData("Text", true)]
    public async Task People_are_told_on_their_home_page(string cells, bool told)
    {
        await using HubFixture hub = await HubFixture.StartAsync([$"Audit:Cells={cells}"]);
        await hub.CreateUserAsync("ada", "correct horse battery");
        using HttpClient browser = await hub.SignInAsync("ada", "correct horse battery");
        string home = WebUtility.HtmlDecode(await browser.GetStringAsync("hub/home"));
        Assert.Equal(told, home.Contains("keeps a record of who runs which cell", StringComparison.Ordinal));
    }
}
