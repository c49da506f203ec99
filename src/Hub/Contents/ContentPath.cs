using System.Text;

namespace Hub.Contents;

/// <summary>
/// A path below a home as the API says it: names joined by slashes, decoded already, the home itself being empty. It is checked for what no file system
/// call should ever see; that it stays inside the home is the operating system's promise, not this type's.
/// </summary>
public sealed class ContentPath
{
    public static ContentPath Root { get; } = new([]);

    private readonly string[] _segments;

    private ContentPath(string[] segments)
    {
        _segments = segments;
        Text = string.Join('/', segments);
    }

    /// <summary>Without a slash in front: the <c>path</c> of the API's models.</summary>
    public string Text { get; }

    /// <summary>The last segment; empty for the home itself.</summary>
    public string Name => _segments.Length == 0 ? "" : _segments[^1];

    /// <summary>The directory it is in; the home for the home itself.</summary>
    public ContentPath Parent => _segments.Length <= 1 ? Root : new ContentPath(_segments[..^1]);

    public IReadOnlyList<string> Segments => _segments;

    public bool IsRoot => _segments.Length == 0;

    /// <summary>Any part begins with a dot.</summary>
    public bool IsHidden => Array.Exists(_segments, segment => segment[0] == '.');

    public bool IsNotebook => Name.EndsWith(".ipynb", StringComparison.Ordinal);

    /// <summary>Understands a decoded path; slashes at its ends are forgiven, everything else is named.</summary>
    /// <exception cref="ContentException"><see cref="ContentFailure.BadRequest"/>: an empty, dotted or overlong part, a NUL, or text that is no Unicode.</exception>
    public static ContentPath Parse(string decoded, ContentsOptions limits)
    {
        ReadOnlySpan<char> text = decoded.AsSpan().Trim('/');
        if (text.IsEmpty)
            return Root;
        // Three bytes per UTF-16 unit at most: long input is refused before it is looked at.
        if (text.Length > limits.MaxPathBytes || Encoding.UTF8.GetByteCount(text) > limits.MaxPathBytes)
            throw Wrong($"The path is longer than Contents:MaxPathBytes ({limits.MaxPathBytes} bytes).");
        string[] segments = text.ToString().Split('/');
        foreach (string segment in segments)
            Check(segment, limits);
        return new ContentPath(segments);
    }

    /// <summary>An entry of this directory.</summary>
    /// <exception cref="ContentException"><see cref="ContentFailure.BadRequest"/>: <paramref name="name"/> is not one name.</exception>
    public ContentPath Child(string name, ContentsOptions limits)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            throw Wrong($"The name {Quote(name)} holds a slash.");
        return Parse(IsRoot ? name : $"{Text}/{name}", limits);
    }

    /// <summary>An entry that the file system itself named, so nothing is left to check.</summary>
    internal ContentPath Entry(string name) => new([.. _segments, name]);

    /// <summary>True when this is <paramref name="other"/> or lies inside of it.</summary>
    public bool IsWithin(ContentPath other) => _segments.AsSpan().StartsWith(other._segments);

    /// <summary>
    /// Names that exist are accepted as they are, since a kernel can make any and its user must be able to remove them; a new name must also be one
    /// that can be shown on one line and typed on every system.
    /// </summary>
    /// <exception cref="ContentException"><see cref="ContentFailure.BadRequest"/>, naming the character.</exception>
    public void CheckNew()
    {
        foreach (char letter in Name)
        {
            if (char.IsControl(letter))
                throw Wrong($"The name {Quote(Name)} holds the control character U+{(int)letter:X4}.");
            if (TurnsText(letter))
                throw Wrong($"The name {Quote(Name)} holds the character U+{(int)letter:X4}, which makes a name look like another one.");
            if (letter == '\\')
                throw Wrong($"The name {Quote(Name)} holds a backslash.");
        }
        if (HubLitter.IsOurs(Name))
            throw Wrong($"The name {Quote(Name)} is kept for files the hub is still writing.");
    }

    public override string ToString() => "/" + Text;

    /// <summary>Ends a line, or turns the direction of what follows: <c>gpj.exe</c> can be shown as <c>exe.jpg</c>. Marks that scripts need for single letters are none of these.</summary>
    private static bool TurnsText(char letter) => letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static void Check(string segment, ContentsOptions limits)
    {
        if (segment.Length == 0)
            throw Wrong("The path has an empty part ('//').");
        if (segment is "." or "..")
            throw Wrong($"The path has the part '{segment}'; paths start at the home and cannot leave it.");
        if (segment.Contains('\0', StringComparison.Ordinal))
            throw Wrong("The path holds a NUL character; no file or directory can be named so.");
        if (!IsUnicode(segment))
            throw Wrong("The path is not valid Unicode: it holds half of a surrogate pair.");
        if (Encoding.UTF8.GetByteCount(segment) > limits.MaxNameBytes)
            throw Wrong($"The name {Quote(segment)} is longer than Contents:MaxNameBytes ({limits.MaxNameBytes} bytes).");
    }

    private static bool IsUnicode(string text)
    {
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int used) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[used..];
        }
        return true;
    }

    /// <summary>A name in a message: short, and without characters that would break a log or a terminal.</summary>
    private static string Quote(string name)
    {
        StringBuilder quoted = new("'");
        foreach (char letter in name.AsSpan(0, Math.Min(name.Length, 40)))
            quoted.Append(char.IsControl(letter) || char.IsSurrogate(letter) || TurnsText(letter) ? '\uFFFD' : letter);
        return quoted.Append(name.Length > 40 ? "…'" : "'").ToString();
    }

    private static ContentException Wrong(string message) => new(ContentFailure.BadRequest, message);
}
