namespace Hub.Lab;

/// <summary>What the build of the front end says about itself (<c>manifest.json</c>).</summary>
/// <param name="Versions">Versions by application: <c>jupyterlab</c>, <c>notebook</c>.</param>
/// <param name="Entries">What each page loads, by entry: <c>lab</c>, <c>notebook</c>.</param>
internal sealed record LabManifest(IReadOnlyDictionary<string, string> Versions, IReadOnlyDictionary<string, LabManifest.Entry> Entries)
{
    /// <summary>File names within <c>static/</c>.</summary>
    internal sealed record Entry(IReadOnlyList<string> Scripts, IReadOnlyList<string> Stylesheets, IReadOnlyList<string>? Preload);

    public string VersionOf(string application) => Versions.GetValueOrDefault(application, "");
}
