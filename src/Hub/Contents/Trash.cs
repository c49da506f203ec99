using System.Globalization;
using System.Text;
using Hub.Contents.FileSystem;
using Hub.Contents.Quotas;

namespace Hub.Contents;

/// <summary>
/// The trash of a home as desktops and <c>gio trash</c> know it (freedesktop.org's Trash specification 1.0): <c>.local/share/Trash</c> with <c>files/{name}</c> and
/// <c>info/{name}.trashinfo</c>, which says where it was and since when it is there. What is in it counts against the home's own quota; so in a home or on a disk that is
/// full nothing is put there, and what is older than <see cref="ContentsOptions.TrashFor"/> goes. Synchronous; runs on the threads of <see cref="ContentThreads"/>.
/// </summary>
internal sealed class Trash(ContentRoot root, ContentsOptions options, DateTimeOffset now)
{
    private const int MostNamesTried = 1000;

    private const int MostPurgedAtOnce = 1000;

    private const string InfoEnding = ".trashinfo";

    private static readonly string[] s_place = [".local", "share", "Trash"];

    /// <summary>Moves an entry into the trash.</summary>
    /// <returns>False when there is no room for that, or it lies there already: then it is to be removed.</returns>
    /// <exception cref="ContentException"><see cref="ContentFailure.BadRequest"/>: it cannot be moved there, for instance from another file system.</exception>
    public bool TryTake(OpenedDirectory parent, byte[] name, ContentPath path)
    {
        if (path.Segments.Count >= s_place.Length && path.Segments.Take(s_place.Length).SequenceEqual(s_place))
            return false;
        if (root.User.Allowance?.Usage is { } usage && usage.LevelAfter(UsageLevel.Fine) >= UsageLevel.Nearly)
            return false;
        try
        {
            using OpenedDirectory trash = OpenOrMake();
            using OpenedDirectory files = OpenOrMake(trash, "files");
            using OpenedDirectory info = OpenOrMake(trash, "info");
            Purge(files, info);
            return Move(parent, name, path, files, info);
        }
        catch (ContentException full) when (full.Failure == ContentFailure.NoSpace)
        {
            return false;
        }
        catch (ContentException failed) when (failed.Failure is not ContentFailure.Broken)
        {
            throw new ContentException(ContentFailure.BadRequest, $"'{path}' cannot be moved to the trash (Contents:DeleteToTrash): {failed.Message}", "trash failed");
        }
    }

    private bool Move(OpenedDirectory parent, byte[] name, ContentPath path, OpenedDirectory files, OpenedDirectory info)
    {
        using PendingFile note = PendingFile.Create(info, path.ToString());
        note.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"[Trash Info]\nPath={PlaceOf(path)}\nDeletionDate={now.UtcDateTime:yyyy-MM-ddTHH:mm:ss}\n")));
        for (int number = 1; number <= MostNamesTried; number++)
        {
            // The ending has to fit beside the name.
            string free = ShortOf(path.Name) + (number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $".{number}"));
            if (note.TryPlace(FileName.Encode(free + InfoEnding), FileModes.Private) is null)
                continue;
            if (parent.TryMove(name, files, FileName.Encode(free)))
                return true;
            info.Remove(FileName.Encode(free + InfoEnding), isDirectory: false);
            throw new ContentException(ContentFailure.Exists, $"the trash holds something called '{free}' that nobody put there");
        }
        throw new ContentException(ContentFailure.Exists, $"it holds {MostNamesTried} of that name");
    }

    /// <summary>What is too old goes, a bounded part of it each time.</summary>
    private void Purge(OpenedDirectory files, OpenedDirectory info)
    {
        int purged = 0;
        foreach (byte[] raw in info.Names(options.MaxListedEntries))
        {
            if (purged == MostPurgedAtOnce || FileName.Decode(raw.AsSpan(..^1)) is not { } name || !name.EndsWith(InfoEnding, StringComparison.Ordinal))
                continue;
            if (info.FindStatus(raw) is not { } note || now - note.Modified < options.TrashFor)
                continue;
            byte[] kept = FileName.Encode(name[..^InfoEnding.Length]);
            if (files.FindStatus(kept) is not null)
                Trees.Remove(files, kept, options.MaxDirectoryDepth);
            info.Remove(raw, isDirectory: false);
            purged++;
        }
    }

    private OpenedDirectory OpenOrMake()
    {
        OpenedDirectory at = root.OpenDirectory(ContentPath.Root);
        foreach (string part in s_place)
        {
            using OpenedDirectory above = at;
            at = OpenOrMake(above, part);
        }
        return at;
    }

    private static OpenedDirectory OpenOrMake(OpenedDirectory above, string name)
    {
        byte[] encoded = FileName.Encode(name);
        above.TryMakeDirectory(encoded, name is ".local" or "share" ? FileModes.Directory : FileModes.PrivateDirectory);
        return above.OpenDirectory(encoded);
    }

    /// <summary>Absolute on this machine, percent-encoded as in an address.</summary>
    private string PlaceOf(ContentPath path) => string.Join('/', $"{root.Place}/{path.Text}".Split('/').Select(Uri.EscapeDataString));

    private static string ShortOf(string name)
    {
        while (Encoding.UTF8.GetByteCount(name) > 255 - InfoEnding.Length - 8)
            name = name[..^(char.IsLowSurrogate(name[^1]) ? 2 : 1)];
        return name;
    }
}
