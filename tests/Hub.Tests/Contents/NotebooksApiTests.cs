using System.Text.Json.Nodes;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Notebooks through the API: saved and read back, invalid, trusted, with kept states.</summary>
public sealed class NotebooksApiTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private const string Cell = """{"cell_type":"code","id":"a1","execution_count":1,"metadata":{"trusted":true},"source":"print(1)\nprint(2)","outputs":[{"output_type":"display_data","data":{"text/html":"<b>x</b>"},"metadata":{}}]}""";

    private readonly ContentsClient _alice = fixture.Alice;

    [Fact]
    public async Task A_notebook_is_kept_in_lines_and_read_as_text()
    {
        ContentsAnswer saved = (await SaveAsync("nb.ipynb", Notebook(Cell))).EnsureStatus(201);
        Assert.Equal("notebook", saved["type"]);
        Assert.False(saved.Json.AsObject().ContainsKey("message"));
        string disk = await File.ReadAllTextAsync(_alice.OnDisk("nb.ipynb"));
        Assert.Contains("   \"source\": [\n    \"print(1)\\n\",\n    \"print(2)\"\n   ]", disk, StringComparison.Ordinal);
        Assert.DoesNotContain("trusted", disk, StringComparison.Ordinal);
        Assert.EndsWith("}\n", disk, StringComparison.Ordinal);
        ContentsAnswer read = (await _alice.GetAsync("nb.ipynb?type=notebook&content=1&hash=1&contentProviderId=undefined")).EnsureStatus(200);
        Assert.Equal("json", read["format"]);
        Assert.Equal("print(1)\nprint(2)", (string?)read.Json["content"]!["cells"]![0]!["source"]);
        Assert.Equal("a1", (string?)read.Json["content"]!["cells"]![0]!["id"]);
        Assert.Equal(read["hash"], (await _alice.GetAsync("nb.ipynb?content=0&hash=1"))["hash"]);
        Assert.Equal("file", (await _alice.GetAsync("nb.ipynb?type=file"))["type"]);
    }

    [Fact]
    public async Task An_invalid_notebook_is_saved_with_a_message()
    {
        ContentsAnswer saved = (await SaveAsync("invalid.ipynb", Notebook("""{"cell_type":"poem"}"""))).EnsureStatus(201);
        Assert.Contains("cells[0]: 'cell_type' is 'poem'", saved.Message, StringComparison.Ordinal);
        ContentsAnswer read = (await _alice.GetAsync("invalid.ipynb")).EnsureStatus(200);
        Assert.Equal(saved.Message, read.Message);
        Assert.Equal("poem", (string?)read.Json["content"]!["cells"]![0]!["cell_type"]);
    }

    [Fact]
    public async Task A_large_notebook_goes_through_the_disk_and_comes_back_the_same()
    {
        string source = string.Concat(Enumerable.Range(0, 100_000).Select(number => $"line {number} é\\n"));
        JsonNode notebook = JsonNode.Parse(Notebook($$"""{"cell_type":"raw","id":"a","metadata":{},"source":"{{source}}"}"""))!;
        (await SaveAsync("large.ipynb", notebook.ToJsonString())).EnsureStatus(201);
        Assert.True(JsonNode.DeepEquals(notebook, (await _alice.GetAsync("large.ipynb")).Json["content"]));
        Assert.Empty(Directory.GetFiles(_alice.Home, "*.tmp"));
    }

    [Fact]
    public async Task Outputs_are_trusted_after_their_user_ran_them_and_not_after_a_change_from_elsewhere()
    {
        await SaveAsync("trust.ipynb", Notebook(Cell));
        Assert.True(await IsTrustedAsync("trust.ipynb"));
        await File.AppendAllTextAsync(_alice.OnDisk("trust.ipynb"), "\n");
        Assert.False(await IsTrustedAsync("trust.ipynb"));
        (await _alice.PostAsync("trust.ipynb/trust", null)).EnsureStatus(201);
        Assert.True(await IsTrustedAsync("trust.ipynb"));
        await SaveAsync("untrusted.ipynb", Notebook(Cell.Replace("true", "false", StringComparison.Ordinal).Replace("print", "other", StringComparison.Ordinal)));
        Assert.False(await IsTrustedAsync("untrusted.ipynb"));
        await SaveAsync("bobs.ipynb", Notebook(Cell));
        await File.WriteAllTextAsync(fixture.Bob.OnDisk("from-alice.ipynb"), await File.ReadAllTextAsync(_alice.OnDisk("bobs.ipynb")));
        ContentsAnswer seenByBob = await fixture.Bob.GetAsync("from-alice.ipynb");
        Assert.False((bool?)seenByBob.Json["content"]!["cells"]![0]!["metadata"]!["trusted"]);
        (await _alice.PostAsync("missing.ipynb/trust", null)).EnsureStatus(404);
        await _alice.SaveAsync("plain.txt", "x");
        (await _alice.PostAsync("plain.txt/trust", null)).EnsureStatus(400);
    }

    [Fact]
    public async Task A_state_can_be_kept_restored_and_forgotten()
    {
        await SaveAsync("kept.ipynb", Notebook(Cell));
        JsonNode first = Assert.Single((await _alice.GetAsync("kept.ipynb/checkpoints")).EnsureStatus(200).Json.AsArray())!;
        Assert.Equal("checkpoint", (string?)first["id"]);
        Assert.True(File.Exists(_alice.OnDisk(".ipynb_checkpoints/kept-checkpoint.ipynb")));
        await SaveAsync("kept.ipynb", Notebook(""));
        ContentsAnswer made = (await _alice.PostAsync("kept.ipynb/checkpoints", null)).EnsureStatus(201);
        Assert.Equal($"/user/alice/api/contents/kept.ipynb/checkpoints/{made["id"]}", made.Response.Headers.Location!.OriginalString);
        await SaveAsync("kept.ipynb", Notebook(Cell));
        (await _alice.PostAsync("kept.ipynb/checkpoints/checkpoint", null)).EnsureStatus(204);
        Assert.Empty((await _alice.GetAsync("kept.ipynb")).Json["content"]!["cells"]!.AsArray());
        (await _alice.PatchAsync("kept.ipynb", new { path = "renamed.ipynb" })).EnsureStatus(200);
        JsonArray all = (await _alice.GetAsync("renamed.ipynb/checkpoints")).Json.AsArray();
        Assert.Equal(3, all.Count);
        foreach (JsonNode? state in all)
            (await _alice.DeleteAsync($"renamed.ipynb/checkpoints/{state!["id"]}")).EnsureStatus(204);
        (await _alice.DeleteAsync("renamed.ipynb/checkpoints/checkpoint")).EnsureStatus(404);
        (await _alice.PostAsync("renamed.ipynb/checkpoints/checkpoint", null)).EnsureStatus(404);
        (await _alice.PostAsync("renamed.ipynb/checkpoints/no-such_id", null)).EnsureStatus(404);
        Assert.Empty((await _alice.GetAsync("renamed.ipynb/checkpoints")).Json.AsArray());
        (await _alice.GetAsync("missing.ipynb/checkpoints")).EnsureStatus(404);
        (await _alice.PostAsync("missing.ipynb/checkpoints", null)).EnsureStatus(404);
    }

    [Fact]
    public async Task Kept_states_of_names_with_dashes_are_not_mixed_up()
    {
        await _alice.SaveAsync("a.txt", "a");
        await _alice.SaveAsync("a-b.txt", "a-b");
        await _alice.PostAsync("a-b.txt/checkpoints", null);
        Assert.Empty((await _alice.GetAsync("a.txt/checkpoints")).Json.AsArray());
        await _alice.PostAsync("a.txt/checkpoints", null);
        (await _alice.DeleteAsync("a.txt")).EnsureStatus(204);
        Assert.Single((await _alice.GetAsync("a-b.txt/checkpoints")).Json.AsArray());
        Assert.False(File.Exists(_alice.OnDisk(".ipynb_checkpoints/a-checkpoint.txt")));
    }

    private async Task<bool> IsTrustedAsync(string path) =>
        (bool)(await _alice.GetAsync(path)).EnsureStatus(200).Json["content"]!["cells"]![0]!["metadata"]!["trusted"]!;

    private Task<ContentsAnswer> SaveAsync(string path, string notebook) => _alice.PutRawAsync(path, $$$"""{"type":"notebook","format":"json","content":{{{notebook}}}}""");

    private static string Notebook(string cells) => $$$"""{"cells":[{{{cells}}}],"metadata":{"kernelspec":{"name":"python3","display_name":"Python 3"}},"nbformat":4,"nbformat_minor":5}""";
}
