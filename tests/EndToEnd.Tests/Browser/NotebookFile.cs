using System.Text.Json;

namespace EndToEnd.Tests.Browser;

/// <summary>Python kept beside the tests, and notebooks made of it.</summary>
internal static class NotebookFile
{
    public static string Source(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Notebooks", name));

    /// <summary>An nbformat 4.5 notebook for a kernelspec, with one code cell for each source.</summary>
    public static string Of(string kernelSpec, params string[] sources) => JsonSerializer.Serialize(new
    {
        cells = sources.Select((source, index) => new
        {
            cell_type = "code",
            id = $"cell-{index}",
            execution_count = (int?)null,
            metadata = new { },
            outputs = Array.Empty<object>(),
            source,
        }),
        metadata = new { kernelspec = new { name = kernelSpec, display_name = kernelSpec, language = "python" } },
        nbformat = 4,
        nbformat_minor = 5,
    });
}
