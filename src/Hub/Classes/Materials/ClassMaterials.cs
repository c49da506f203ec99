using System.Globalization;
using Hub.Accounts;
using Hub.Contents;
using Hub.Contents.FileSystem;
using Hub.Contents.Quotas;
using Hub.Storage;
using Microsoft.Extensions.Options;

namespace Hub.Classes.Materials;

/// <summary>
/// Hands out a class' materials into the class' folder of a home. The folder is made by the hub and remembered per member: one that was there before is
/// somebody's own and never becomes the class', since a class' folder ends up in its archive.
/// </summary>
internal sealed class ClassMaterials(
    AccountsStore accounts, ClassesStore classes, Homes homes, DataLayout layout, ContentThreads threads, IOptions<ClassesOptions> options, IOptions<ContentsOptions> contents,
    HomeQuotas quotas)
{
    /// <summary>Folders of the same name that are looked at before it is given up.</summary>
    private const int MaxTries = 100;

    /// <summary>Where an operator may put materials of a class that lie in nobody's home.</summary>
    public string DirectoryOf(long classId) => Path.Combine(layout.Classes, classId.ToString(CultureInfo.InvariantCulture), "materials");

    /// <summary>Where the hub keeps what was handed out while the class met, for those who join later.</summary>
    public string HandedDirectoryOf(long classId) => Path.Combine(layout.Classes, classId.ToString(CultureInfo.InvariantCulture), "handed-out");

    /// <summary>Of what was handed out while the class met, <paramref name="only"/> one file, or all. It throws as little as handing out materials does.</summary>
    public Task<HandOutResult> HandOutHandedAsync(Class one, ClassMember member, ContentPath only, CancellationToken cancellationToken) =>
        HandOutAsync(one with { MaterialsUser = "" }, member, HandedDirectoryOf(one.Id), only, cancellationToken);

    /// <summary>All materials, or <paramref name="only"/> one file or directory of them. Never throws for what one home or the materials are like.</summary>
    public Task<HandOutResult> HandOutAsync(Class one, ClassMember member, ContentPath only, CancellationToken cancellationToken) =>
        HandOutAsync(one, member, DirectoryOf(one.Id), only, cancellationToken);

    /// <summary>Path of the notebook to begin with: the first by name in the member's class folder. Null when there is none, or it cannot be seen just now.</summary>
    public async Task<string?> FindNotebookAsync(ClassMember member, CancellationToken cancellationToken)
    {
        if (member.Folder.Length == 0)
            return null;
        try
        {
            HomeDirectory home = homes.Open(member.UserId, member.UserName);
            return await threads.RunAsync(home, root => FirstNotebook(root, ContentPath.Parse(member.Folder, contents.Value)), cancellationToken);
        }
        catch (Exception failure) when (failure is ContentException or HomeException)
        {
            return null;
        }
    }

    private string? FirstNotebook(ContentRoot root, ContentPath folder)
    {
        using OpenedDirectory directory = root.OpenDirectory(folder);
        return directory.Names(options.Value.MaxMaterialsFiles)
            .Where(name => directory.FindStatus(name) is { Kind: FileKind.File })
            .Select(name => FileName.Decode(name.AsSpan(..^1)))
            .Where(name => name is not null && name[0] != '.' && name.EndsWith(".ipynb", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).FirstOrDefault() is { } first ? $"{folder.Text}/{first}" : null;
    }

    private async Task<HandOutResult> HandOutAsync(Class one, ClassMember member, string directory, ContentPath only, CancellationToken cancellationToken)
    {
        try
        {
            // Usually the first that is done in the home of somebody who has just joined: it is made with the room the class wants for it.
            if (one.HomeQuotaBytes > 0)
                await quotas.RefreshAsync(cancellationToken);
            HomeDirectory? source = null;
            if (one.MaterialsUser.Length > 0 && await accounts.FindAsync(one.MaterialsUser, cancellationToken) is { } owner)
                source = homes.Open(owner.Id, owner.Name);
            HomeDirectory home = homes.Open(member.UserId, member.UserName);
            HandOutResult result = await threads.RunAsync(home, root => Copy(root, one, member, source, directory, only, cancellationToken), cancellationToken);
            if (result.Folder.Length > 0)
                await classes.NoteHandedOutAsync(one.Id, member.UserId, result.Folder, cancellationToken);
            return result;
        }
        catch (Exception failure) when (failure is ContentException or HomeException)
        {
            return new HandOutResult(member.UserName, member.Folder, 0, 0, failure is HomeException ? "The home cannot be used; the log of the hub says why." : failure.Message);
        }
    }

    private HandOutResult Copy(ContentRoot root, Class one, ClassMember member, HomeDirectory? source, string directory, ContentPath only, CancellationToken cancellationToken)
    {
        using OpenedDirectory home = root.OpenDirectory(ContentPath.Root);
        string folder = FolderIn(home, one, member);
        MaterialsCopy copy = new(options.Value, contents.Value.MaxDirectoryDepth, cancellationToken);
        string? problem = null;
        try
        {
            using ContentRoot? sourceRoot = source is null ? null : ContentRoot.Open(source);
            using OpenedDirectory? from = source is null
                ? OpenedDirectory.TryOpen(directory, new FileUser(null, null))
                : sourceRoot!.OpenDirectory(ContentPath.Parse(one.MaterialsPath, contents.Value));
            using OpenedDirectory to = home.OpenDirectory(FileName.Encode(folder));
            if (from is null)
                problem = only.IsRoot ? null : "The class has no materials.";
            else if (only.IsRoot)
                copy.Take(from, to);
            else if (!Follow(copy, from, to, [.. only.Segments]))
                problem = $"There is no file or directory '{only}' in the materials.";
            copy.Finish(to);
        }
        catch (ContentException failure)
        {
            problem = failure.Message;
        }
        return new HandOutResult(member.UserName, folder, copy.Copied, copy.Kept, problem, copy.Same);
    }

    /// <summary>Walks both sides down to the entry, one directory at a time and through no link.</summary>
    private static bool Follow(MaterialsCopy copy, OpenedDirectory from, OpenedDirectory to, ReadOnlySpan<string> path)
    {
        byte[] name = FileName.Encode(path[0]);
        if (path.Length == 1)
            return copy.TakeEntry(from, to, name);
        if (from.FindStatus(name) is not { Kind: FileKind.Directory })
            return false;
        to.TryMakeDirectory(name, FileModes.Directory);
        using OpenedDirectory source = from.OpenDirectory(name);
        using OpenedDirectory target = to.OpenDirectory(name);
        return Follow(copy, source, target, path[1..]);
    }

    /// <summary>The member's folder; the first time one is made, under the first name that is free.</summary>
    private static string FolderIn(OpenedDirectory home, Class one, ClassMember member)
    {
        if (member.Folder.Length > 0)
        {
            // Removed or renamed by its owner: the materials come again, into a new one.
            home.TryMakeDirectory(FileName.Encode(member.Folder), FileModes.Directory);
            return member.Folder;
        }
        for (int i = 1; i <= MaxTries; i++)
        {
            string name = i == 1 ? one.Folder : string.Create(CultureInfo.InvariantCulture, $"{one.Folder}-{i}");
            if (home.TryMakeDirectory(FileName.Encode(name), FileModes.Directory))
                return name;
        }
        throw new ContentException(ContentFailure.Exists, $"There are {MaxTries} folders called '{one.Folder}' in the home already.");
    }
}
