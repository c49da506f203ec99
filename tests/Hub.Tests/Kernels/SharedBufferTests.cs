using System.Globalization;
using System.Text.Json;
using Testing;
using Wire.Jupyter;
using Xunit;

namespace Hub.Tests.Kernels;

/// <summary>Floods and long messages lie in buffers that are used again as soon as the journal and all tabs have had them: nobody may read what came later.</summary>
public sealed class SharedBufferTests
{
    private const int Cells = 12;
    private const int Lines = 900;

    [Theory]
    [InlineData("Journal:MemoryBytes=0")]
    [InlineData("Journal:OnDisk=false")]
    [InlineData("Kernels:TabQueueMessages=16")]
    public async Task A_flood_arrives_as_it_was_at_tabs_of_every_kind(string setting)
    {
        await using KernelHub hub = await KernelHub.StartAsync(null, null, setting);
        string id = await hub.StartKernelAsync();
        await using BrowserTab asker = await hub.OpenTabAsync(id);
        await using BrowserTab older = await hub.OpenTabAsync(id, v1: false);
        await using BrowserTab numbered = await hub.OpenTabAsync(id, v1: false, seq: 0);
        await using BrowserTab late = await hub.OpenTabAsync(id, read: false);
        List<string> requests = [];
        for (int cell = 0; cell < Cells; cell++)
        {
            requests.Add(await asker.RunAsync(string.Create(CultureInfo.InvariantCulture, $"print {Lines}")));
            await asker.DoneAsync(requests[^1]);
        }

        late.Resume();
        foreach (BrowserTab other in new[] { older, numbered, late })
            await other.NextAsync(m => m.ParentMessageId == requests[^1] && BrowserTab.IsStatus(m, "idle"));
        string lines = string.Concat(Enumerable.Range(0, Lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"line {i}\n")));
        foreach (string request in requests)
            Assert.All(new[] { asker, older, numbered, late }, tab => Assert.Equal(lines, tab.TextOf(request)));
        JsonElement executions = JsonDocument.Parse(await hub.Client.GetStringAsync($"api/kernels/{id}/executions?outputs=true")).RootElement;
        string? folded = executions.GetProperty("executions")[Cells - 1].GetProperty("outputs")[0].GetProperty("text").GetString();
        Assert.Equal(lines, folded);
    }

    [Theory]
    [InlineData("Journal:MemoryBytes=0")]
    [InlineData("Journal:OnDisk=false")]
    [InlineData("Kernels:TabQueueMessages=16")]
    [InlineData("Journal:BlobBytes=1000000")]
    public async Task Long_buffers_arrive_as_they_were_at_tabs_of_every_kind(string setting)
    {
        const int count = 60;
        const int size = 300_000;
        await using KernelHub hub = await KernelHub.StartAsync(null, null, setting);
        string id = await hub.StartKernelAsync();
        await using BrowserTab asker = await hub.OpenTabAsync(id);
        await using BrowserTab older = await hub.OpenTabAsync(id, v1: false);
        await using BrowserTab numbered = await hub.OpenTabAsync(id, seq: 0);
        await using BrowserTab late = await hub.OpenTabAsync(id, read: false);
        string request = await asker.RunAsync(string.Create(CultureInfo.InvariantCulture, $"displays {count} {size}"));
        await asker.DoneAsync(request);
        late.Resume();
        foreach (BrowserTab tab in new[] { asker, older, numbered, late })
        {
            await tab.NextAsync(m => m.ParentMessageId == request && BrowserTab.IsStatus(m, "idle"));
            KernelMessage[] shown = [.. tab.Of(request).Where(m => m.MessageType == MessageTypes.DisplayData)];
            Assert.Equal(count, shown.Length);
            for (int i = 0; i < count; i++)
                Assert.True(shown[i].Buffers[0].Span.SequenceEqual(FakeKernel.BufferOf(i, size)), $"buffer {i} is not what was said");
        }
    }
}
