using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Spawner.Posix;

namespace Spawner.Docker.Warm;

/// <summary>
/// What containers made ahead need of the hub's machine: for each a directory <c>p/{slot}/homes</c> in the run directory, a shared mount that the container has as its
/// <c>/home</c>, and once it is somebody's, a record beside it. Nothing in here is ever deleted with what is in it: a home may be mounted there.
/// </summary>
internal sealed class WarmPlaces(SpawnSite site)
{
    private const string Ending = ".json";
    private const uint OwnerOnly = 0x1c0; // 0700
    private const uint Readable = 0x1ed; // 0755

    private string Root => Path.Combine(site.RunDirectory, "p");

    public string HomesOf(string slot) => Path.Combine(Root, slot, "homes");

    /// <summary>Name of the container and the volume of a slot: no kernel's, since those are of hexadecimal digits.</summary>
    public string NameOf(string slot) => $"nbh-{site.HubId}-p{slot}";

    /// <exception cref="IOException">The directory cannot be made, or not be made a shared mount.</exception>
    public void Make(string slot)
    {
        ShortDirectory.Make(Root);
        MakeDirectory(Path.Combine(Root, slot), OwnerOnly);
        MakeDirectory(HomesOf(slot), Readable);
        Mounts.Share(HomesOf(slot));
    }

    /// <summary>Mounts a home, its owner shown as the container's user.</summary>
    /// <exception cref="IOException">It cannot be done; then nothing is mounted.</exception>
    public async Task MountAsync(string slot, string userName, string home, (int UserId, int GroupId) owner, int containerUser, CancellationToken cancellationToken)
    {
        string target = Path.Combine(HomesOf(slot), UserHome.NameFor(userName));
        MakeDirectory(target, OwnerOnly);
        using SafeFileHandle ids = await MappedIds.OpenAsync(owner, (containerUser, containerUser), cancellationToken);
        Mounts.BindMapped(home, owner.UserId, target, ids);
    }

    /// <summary>Notes whose kernel the container of a slot is from now on.</summary>
    public void Write(string kernelId, WarmRecord record)
    {
        string path = Path.Combine(Root, $"{ChannelPlaces.NameFor(kernelId)}.{record.Slot}{Ending}");
        using (FileStream file = new(path + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            file.Write(record.Write());
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Null while the container of the slot is nobody's.</summary>
    public WarmRecord? FindBySlot(string slot) => Records($"*.{slot}{Ending}").FirstOrDefault();

    /// <summary>Null when the kernel's container was not made ahead.</summary>
    public WarmRecord? FindByKernel(string kernelId, string container) =>
        Records($"{ChannelPlaces.NameFor(kernelId)}.*{Ending}").FirstOrDefault(record => record.Container == container);

    /// <summary>Slots of which something is there.</summary>
    public IReadOnlyList<string> Known() => !Directory.Exists(Root) ? [] :
    [
        .. Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)!)
            .Concat(Directory.EnumerateFiles(Root).Select(path => Path.GetFileName(path).Split('.')).Where(words => words.Length >= 3).Select(words => words[1]))
            .Distinct(),
    ];

    /// <summary>Takes away mounts, directories and record of a slot, whose container is gone; what is not there is fine.</summary>
    /// <exception cref="IOException">A mount cannot be removed, and then nothing below it is.</exception>
    public void Remove(string slot)
    {
        string homes = HomesOf(slot);
        if (Directory.Exists(homes))
        {
            // Everything below goes with it.
            Mounts.Remove(homes);
            foreach (string home in Directory.EnumerateFileSystemEntries(homes))
            {
                Mounts.Remove(home);
                Directory.Delete(home);
            }
            Directory.Delete(homes);
        }
        string place = Path.Combine(Root, slot);
        if (Directory.Exists(place)) Directory.Delete(place);
        if (!Directory.Exists(Root)) return;
        foreach (string record in Directory.EnumerateFiles(Root, $"*.{slot}{Ending}*")) File.Delete(record);
    }

    private IEnumerable<WarmRecord> Records(string pattern)
    {
        if (!Directory.Exists(Root)) yield break;
        foreach (string path in Directory.EnumerateFiles(Root, pattern))
        {
            byte[] content;
            try
            {
                content = File.ReadAllBytes(path);
            }
            catch (IOException)
            {
                // Removed meanwhile.
                continue;
            }
            if (WarmRecord.Read(content) is { } record) yield return record;
        }
    }

    private static void MakeDirectory(string path, uint mode)
    {
        // The umask may take something away.
        if (Libc.MakeDirectory(path, mode) != 0 || Libc.ChangeMode(path, mode) != 0)
            throw new IOException($"{path} cannot be made: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }
}
