using System.Globalization;
using System.Text;

namespace Hub.Contents.Archives;

/// <summary>What is not in an archive, or not as it was, in words for whoever unpacks it. A few kilobytes to a few hundred, whatever happens.</summary>
internal sealed class ArchiveRemarks
{
    public const string FileName = "NOT-IN-THIS-ARCHIVE.txt";

    private const int MostNamed = 1000;

    private readonly StringBuilder _text = new();
    private int _count;

    public bool IsEmpty => _count == 0;

    public void Add(string name, string why)
    {
        if (++_count <= MostNamed)
            _text.Append(name).Append(": ").Append(why).Append('\n');
    }

    public byte[] ToBytes()
    {
        if (_count > MostNamed)
            _text.Append(CultureInfo.InvariantCulture, $"… and {_count - MostNamed} more\n");
        return Encoding.UTF8.GetBytes($"These are left out, or differ from what was in the home:\n\n{_text}");
    }
}
