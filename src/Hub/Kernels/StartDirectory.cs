namespace Hub.Kernels;

/// <summary>
/// The directory a kernel starts in, from a path of the API. A path that climbs or is absurd starts in the home, as Jupyter Server does
/// with what does not exist; what symlinks make of it is bounded by the kernel's own rights, not by this.
/// </summary>
public static class StartDirectory
{
    private const int MostCharacters = 4096;

    /// <summary>Of a directory.</summary>
    public static string Of(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.Length > MostCharacters || path.Contains('\0', StringComparison.Ordinal) || parts.Contains("..") ? "" : string.Join('/', parts.Where(part => part != "."));
    }

    /// <summary>Of a document: the directory it lies in.</summary>
    public static string OfDocument(string path)
    {
        int slash = path.TrimEnd('/').LastIndexOf('/');
        return slash < 0 ? "" : Of(path[..slash]);
    }
}
