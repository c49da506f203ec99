using System.Globalization;
using System.Text.RegularExpressions;

namespace Hub.Contents;

/// <summary>
/// Names for new files and copies, in the order they are tried: exactly those Jupyter would take, since people and scripts know them; and which names are shown.
/// </summary>
internal static partial class ContentNames
{
    /// <summary><c>untitled.py</c>, <c>untitled1.py</c>, …; <c>Untitled.ipynb</c>, …; <c>Untitled Folder</c>, <c>Untitled Folder 1</c>, … without end.</summary>
    public static IEnumerable<string> Untitled(string type, string extension) => type switch
    {
        "directory" => Numbered("Untitled Folder", " ", ""),
        "notebook" => Numbered("Untitled", "", ".ipynb"),
        _ => Numbered("untitled", "", extension),
    };

    /// <summary><c>b.txt</c>, <c>b-Copy1.txt</c>, <c>b-Copy2.txt</c>, …: an earlier <c>-Copy1</c> does not become <c>-Copy1-Copy1</c>.</summary>
    public static IEnumerable<string> Copies(string name)
    {
        string plain = CopySuffix().Replace(name, "");
        (string stem, string suffix) = Split(plain);
        return Numbered(stem, "-Copy", suffix);
    }

    /// <summary>What listings and archives show: neither hidden names, nor the hub's own temporary files, nor what Jupyter leaves to programs.</summary>
    public static bool IsListed(string name, ContentsOptions options) =>
        (options.AllowHidden || name[0] != '.')
        && name is not ("__pycache__" or ".DS_Store")
        && !name.EndsWith(".pyc", StringComparison.Ordinal)
        && !name.EndsWith(".pyo", StringComparison.Ordinal)
        && !name.EndsWith('~')
        && !HubLitter.IsOurs(name);

    /// <summary>Where a number goes: before the first dot (<c>a.tar.gz</c>), for notebooks before the last; a dot in front is part of the name.</summary>
    private static (string Stem, string Suffix) Split(string name)
    {
        int dot = name.EndsWith(".ipynb", StringComparison.Ordinal) ? name.Length - ".ipynb".Length : name.IndexOf('.', Math.Min(1, name.Length));
        return dot <= 0 ? (name, "") : (name[..dot], name[dot..]);
    }

    private static IEnumerable<string> Numbered(string stem, string between, string suffix)
    {
        yield return stem + suffix;
        for (int number = 1; ; number++)
            yield return string.Create(CultureInfo.InvariantCulture, $"{stem}{between}{number}{suffix}");
    }

    [GeneratedRegex(@"-Copy\d*(?=\.|$)")]
    private static partial Regex CopySuffix();
}
