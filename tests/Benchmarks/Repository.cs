namespace Benchmarks;

/// <summary>Where the sources lie: above the program.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("Hub.sln is in no folder above the benchmarks.");
    }
}
