using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>A page of docs/reference that is written by the program itself. A stale one fails; <c>HUB_UPDATE_DOCS=1</c> rewrites it.</summary>
internal static class GeneratedPage
{
    public static void IsCurrent(string name, string text)
    {
        string path = Path.Combine(Repository.Root, "docs", "reference", name);
        if (Environment.GetEnvironmentVariable("HUB_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        string kept = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(kept == text, $"docs/reference/{name} is stale: run the tests once with HUB_UPDATE_DOCS=1 and read what changed.");
    }

    /// <summary>Text for a cell of a table: one line, bars escaped.</summary>
    public static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
