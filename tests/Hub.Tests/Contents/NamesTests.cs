using System.Text;
using Xunit;

namespace Hub.Tests.Contents;

/// <summary>Names in every script come through every method as they are, byte by byte; those that deceive are refused in words.</summary>
public sealed class NamesTests(ContentsFixture fixture) : IClassFixture<ContentsFixture>
{
    private readonly ContentsClient _alice = fixture.Alice;

    public static TheoryData<string> Scripts() =>
    [
        "grüße", "Ελληνικά", "русский", "עברית", "العربية", "हिन्दी", "ไทย", "한국어", "中文", "日本語", "ქართული", "አማርኛ", "𐍈𐌰𐌹𐍂𐌹𐌲𐌰", "👩🏽‍🔬", "a b", "100%", "a+b", "a&b=c", "#1", "?",
        "semi;colon", "\"quoted\"", "it's", "<tag>", "*", "|", "~home", "$(x)", "-rf", "%2e%2e", "con", "a:b", "a..b", "e\u0301", "\u00e9", "\u1100\u1161", "\uac00", "می\u200cخواهم",
    ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_name_comes_through_every_method_as_it_is(string name)
    {
        string folder = Uri.EscapeDataString($"{name} folder"), path = $"{folder}/{Uri.EscapeDataString(name)}.txt", notebook = $"{folder}/{Uri.EscapeDataString(name)}.ipynb";
        (await _alice.PutAsync(folder, new { type = "directory" })).EnsureStatus(201);
        ContentsAnswer saved = (await _alice.SaveAsync(path, "x")).EnsureStatus(201);
        Assert.Equal(($"{name}.txt", $"{name} folder/{name}.txt"), (saved["name"], saved["path"]));
        Assert.Equal($"/user/alice/api/contents/{path}", saved.Response.Headers.Location!.OriginalString);
        Assert.True(File.Exists(_alice.OnDisk($"{name} folder/{name}.txt")));
        (await _alice.PostAsync($"{path}/checkpoints", null)).EnsureStatus(201);
        Assert.Equal($"{name}.txt", (string?)(await _alice.GetAsync(folder)).Json["content"]![0]!["name"]);
        Assert.Equal("x", (await _alice.SendAsync(HttpMethod.Get, path, api: "files")).EnsureStatus(200).Text);
        Assert.NotNull((await _alice.PostAsync(folder, new { copy_from = $"{name} folder/{name}.txt" })).EnsureStatus(201)["name"]);
        object empty = new { nbformat = 4, nbformat_minor = 5, metadata = new { }, cells = Array.Empty<object>() };
        (await _alice.PutAsync(notebook, new { type = "notebook", content = empty })).EnsureStatus(201);
        (await _alice.PatchAsync(path, new { path = $"{name} folder/{name} {name}" })).EnsureStatus(200);
        (await _alice.DeleteAsync(folder)).EnsureStatus(204);
        Assert.False(Directory.Exists(_alice.OnDisk($"{name} folder")));
    }

    /// <summary>A Mac writes é as two characters, everything else as one. Linux keeps both apart, and so do we: whoever joined them would lose one of two files.</summary>
    [Fact]
    public async Task Both_normal_forms_of_a_name_are_two_files()
    {
        string composed = "caf\u00e9.txt", decomposed = composed.Normalize(NormalizationForm.FormD);
        await _alice.SaveAsync(Uri.EscapeDataString(composed), "composed");
        await _alice.SaveAsync(Uri.EscapeDataString(decomposed), "decomposed");
        Assert.Equal("composed", (await _alice.GetAsync(Uri.EscapeDataString(composed)))["content"]);
        Assert.Equal("decomposed", (await _alice.GetAsync(Uri.EscapeDataString(decomposed)))["content"]);
        Assert.Equal(2, Directory.GetFiles(_alice.Home).Count(file => Path.GetFileName(file).StartsWith("caf", StringComparison.Ordinal)));
        (await _alice.PatchAsync(Uri.EscapeDataString(composed), new { path = decomposed })).EnsureStatus(409);
    }

    [Theory]
    [InlineData('\u0001', "control character U+0001")]
    [InlineData('\n', "control character U+000A")]
    [InlineData('\u007f', "control character U+007F")]
    [InlineData('\u0085', "control character U+0085")]
    [InlineData('\u2028', "U+2028")]
    [InlineData('\u202e', "U+202E")]
    [InlineData('\u2066', "U+2066")]
    public async Task Characters_that_break_or_deceive_are_refused_by_their_name(char letter, string said)
    {
        string path = Uri.EscapeDataString($"a{letter}b.txt");
        Assert.Contains(said, (await _alice.SaveAsync(path, "x")).EnsureStatus(400).EnsureRefused().Message, StringComparison.Ordinal);
        Assert.Contains(said, (await _alice.PutAsync(path, new { type = "directory" })).EnsureStatus(400).Message, StringComparison.Ordinal);
        await _alice.SaveAsync("plain-name.txt", "x");
        Assert.Contains(said, (await _alice.PatchAsync("plain-name.txt", new { path = $"a{letter}b.txt" })).EnsureStatus(400).Message, StringComparison.Ordinal);
        // A kernel can make it all the same; then it can be read, renamed and removed.
        await File.WriteAllTextAsync(_alice.OnDisk($"a{letter}b.txt"), "kernel's");
        await _alice.OwnAsync();
        Assert.Equal("kernel's", (await _alice.GetAsync(path)).EnsureStatus(200)["content"]);
        (await _alice.DeleteAsync(path)).EnsureStatus(204);
    }
}
