using System.Diagnostics;

namespace Hub.Tests.Architecture;

/// <summary>The working tree these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Paths, relative to the root, of what git keeps or would keep.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
                return folder.FullName;
        throw new InvalidOperationException("Hub.sln is in no folder above the tests.");
    }

    private static string[] ListFiles()
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        })!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(path => File.Exists(Path.Combine(Root, path))).ToArray();
    }
}
