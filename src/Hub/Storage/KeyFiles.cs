using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Hub.Storage;

/// <summary>Keeps the data protection keys as files that only the hub can read.</summary>
internal sealed class KeyFiles(DataLayout layout) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Directory.EnumerateFiles(layout.Keys, "*.xml").Order(StringComparer.Ordinal).Select(file => XElement.Load(file))];

    public void StoreElement(XElement element, string friendlyName)
    {
        string name = string.Concat((friendlyName ?? "").Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'));
        string file = Path.Combine(layout.Keys, (name.Length > 0 ? name : Guid.NewGuid().ToString()) + ".xml");
        string unfinished = file + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(unfinished, options))
        {
            element.Save(stream);
            stream.Flush(flushToDisk: true);
        }
        File.Move(unfinished, file, overwrite: true);
    }
}
