using Hub.Contents;
using Hub.Contents.FileSystem;

namespace Hub.Classes.Materials;

/// <summary>Which notebook of the class somebody most likely opens first: the first of the class' folder in their home, by name.</summary>
internal sealed class ClassNotebooks(Homes homes, ContentThreads threads)
{
    /// <summary>Entries of the folder that are looked at.</summary>
    private const int MostEntries = 1000;

    /// <summary>Its path from the home; null when there is none, or the home cannot be read.</summary>
    public async Task<string?> FindFirstAsync(ClassMember member, CancellationToken cancellationToken)
    {
        if (member.Folder.Length == 0)
            return null;
        try
        {
            HomeDirectory home = homes.Open(member.UserId, member.UserName);
            string? name = await threads.RunAsync(home, root => First(root, member.Folder), cancellationToken);
            return name is null ? null : $"{member.Folder}/{name}";
        }
        catch (Exception failure) when (failure is ContentException or HomeException)
        {
            return null; // a kernel without a notebook is better than none; what is wrong with the home is told where it is used
        }
    }

    private static string? First(ContentRoot root, string folder)
    {
        using OpenedDirectory home = root.OpenDirectory(ContentPath.Root);
        using OpenedDirectory opened = home.OpenDirectory(FileName.Encode(folder));
        return opened.Names(MostEntries)
            .Where(name => opened.FindStatus(name) is { Kind: FileKind.File })
            .Select(name => FileName.Decode(name.AsSpan(..^1)))
            .Where(name => name is not null && !name.StartsWith('.') && name.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase))
            .Min(StringComparer.Ordinal);
    }
}
