using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>What is far too large is refused by the name of its limit, or sent piece by piece; memory stays where it was.</summary>
public sealed class LargeContentsTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private const long MostMemory = 350L << 20;

    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task A_directory_of_a_hundred_thousand_entries_is_listed_whole_while_it_is_read()
    {
        const int entries = 100_000;
        string folder = Directory.CreateDirectory(_alice.OnDisk("huge")).FullName;
        for (int file = 0; file < entries; file++)
            File.Create(Path.Combine(folder, $"file-{file:D6}.txt")).Dispose();
        await _alice.OwnAsync();
        await _alice.GetAsync("huge?content=0");
        long before = Environment.WorkingSet;
        long started = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await _alice.Http.GetAsync(_alice.Target("user/alice/api/contents/huge"), HttpCompletionOption.ResponseHeadersRead);
        TimeSpan first = Stopwatch.GetElapsedTime(started);
        await using Stream body = await answer.Content.ReadAsStreamAsync();
        using JsonDocument listing = await JsonDocument.ParseAsync(body);
        TimeSpan whole = Stopwatch.GetElapsedTime(started);
        HashSet<string> names = [.. listing.RootElement.GetProperty("content").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
        Assert.Equal(entries, names.Count);
        Assert.True(first < whole / 2, $"the first byte came after {first}, the last after {whole}");
        // The test's own copy of the listing, of 30 MB as text, is part of it.
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, MostMemory);
        TestContext.Current.TestOutputHelper?.WriteLine($"first byte {first.TotalMilliseconds:F0} ms, whole {whole.TotalMilliseconds:F0} ms, memory {(Environment.WorkingSet - before) >> 20} MiB");
        (await _alice.DeleteAsync("huge")).EnsureStatus(204);
    }

    /// <summary>Four gigabytes of one line, of which the disk holds nothing.</summary>
    [Fact]
    public async Task A_notebook_of_one_line_of_four_gigabytes_is_refused_by_name_and_not_read()
    {
        await using (FileStream sparse = File.Create(_alice.OnDisk("line.ipynb")))
            sparse.SetLength(4L << 30);
        await _alice.OwnAsync();
        long before = Environment.WorkingSet;
        long started = Stopwatch.GetTimestamp();
        Assert.Contains("Contents:MaxNotebookBytes", (await _alice.GetAsync("line.ipynb")).EnsureStatus(413).EnsureRefused().Message, StringComparison.Ordinal);
        (await _alice.GetAsync("line.ipynb?content=0")).EnsureStatus(200);
        Assert.Equal("notebook", (string?)(await _alice.GetAsync("")).EnsureStatus(200).Json["content"]!.AsArray().First(entry => (string?)entry!["name"] == "line.ipynb")!["type"]);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, MostMemory);
    }

    /// <summary>The body says nothing of its length, and is four gigabytes: the answer comes at the limit of a notebook, and what is still sent is passed over for a few seconds.</summary>
    [Fact]
    public async Task A_save_of_a_notebook_without_end_is_cut_off_at_its_limit()
    {
        long before = Environment.WorkingSet;
        EndlessNotebook body = new(4L << 30);
        using HttpRequestMessage request = new(HttpMethod.Put, _alice.Target("user/alice/api/contents/endless.ipynb")) { Content = body };
        request.Headers.TransferEncodingChunked = true;
        int? status = null;
        string said = "";
        try
        {
            using HttpResponseMessage answer = await _alice.Http.SendAsync(request);
            status = (int)answer.StatusCode;
            said = await answer.Content.ReadAsStringAsync();
        }
        catch (HttpRequestException)
        {
            // The hub answered and hung up while we still sent; some clients do not read the answer then.
        }
        if (status is not null)
            Assert.Equal((413, true), (status, said.Contains("Contents:MaxNotebookBytes", StringComparison.Ordinal)));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, MostMemory);
        (await _alice.GetAsync("endless.ipynb")).EnsureStatus(404);
        TestContext.Current.TestOutputHelper?.WriteLine($"{status}: {said}; {body.Sent >> 20} MiB sent, memory {(Environment.WorkingSet - before) >> 20} MiB");
    }

    private sealed class EndlessNotebook(long length) : HttpContent
    {
        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("""{"type":"notebook","content":{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"raw","metadata":{},"source":" """u8.ToArray());
            byte[] text = Encoding.ASCII.GetBytes(new string('x', 1 << 20));
            for (; Sent < length; Sent += text.Length)
                await stream.WriteAsync(text);
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }
}
