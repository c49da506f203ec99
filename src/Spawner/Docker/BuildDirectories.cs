namespace Spawner.Docker;

/// <summary>Which images the hub builds itself, and from where.</summary>
internal static class BuildDirectories
{
    /// <summary>An image that comes with the hub, in <c>Images/python</c> beside the program; others are beside it.</summary>
    public const string Python = Ours + "python";

    private const string Ours = "notebook-hub/";

    /// <summary>The directory with the Dockerfile of an image, or null when it is to be pulled. A tag <c>latest</c> may be left out on both sides.</summary>
    public static string? Find(string image, DockerOptions options)
    {
        string name = WithoutLatest(image);
        foreach ((string built, string directory) in options.Builds)
        {
            if (WithoutLatest(built) == name) return directory.Length == 0 ? null : Path.GetFullPath(directory);
        }
        if (!name.StartsWith(Ours, StringComparison.Ordinal) || !name[Ours.Length..].All(char.IsAsciiLetterLower)) return null;
        string brought = Path.Combine(AppContext.BaseDirectory, "Images", name[Ours.Length..]);
        return Directory.Exists(brought) ? brought : null;
    }

    private static string WithoutLatest(string image) => image.EndsWith(":latest", StringComparison.Ordinal) ? image[..^":latest".Length] : image;
}
