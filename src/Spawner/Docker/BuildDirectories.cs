namespace Spawner.Docker;

/// <summary>Which images the hub builds itself, and from where.</summary>
internal static class BuildDirectories
{
    /// <summary>The image that comes with the hub, in <c>Images/python</c> beside the program.</summary>
    public const string Python = "notebook-hub/python";

    /// <summary>The directory with the Dockerfile of an image, or null when it is to be pulled. A tag <c>latest</c> may be left out on both sides.</summary>
    public static string? Find(string image, DockerOptions options)
    {
        string name = WithoutLatest(image);
        foreach ((string built, string directory) in options.Builds)
        {
            if (WithoutLatest(built) == name) return directory.Length == 0 ? null : Path.GetFullPath(directory);
        }
        return name == Python ? Path.Combine(AppContext.BaseDirectory, "Images", "python") : null;
    }

    private static string WithoutLatest(string image) => image.EndsWith(":latest", StringComparison.Ordinal) ? image[..^":latest".Length] : image;
}
