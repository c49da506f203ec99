using System.Globalization;

namespace Hub.Storage;

/// <summary>
/// Says that a hub runs on this data directory: a lock on <c>run/hub.lock</c>, which the operating system lets go of whatever way the hub ends. Two hubs on
/// one directory would both own the same kernels.
/// </summary>
public sealed class DataLock(DataLayout layout) : IDisposable
{
    private readonly Lock _gate = new();
    private FileStream? _file;

    /// <summary>Takes the lock unless this hub has it already.</summary>
    /// <exception cref="StorageException">Another hub has it; the message says which and what to do.</exception>
    public void Take()
    {
        if (!TryTake())
        {
            throw new StorageException(
                $"A hub{(Holder() is { } process ? $" (process {process})" : "")} already runs on the data directory {layout.Root}. "
                + "Use that one, end it first, or start with --replace to take over from it without ending its kernels.");
        }
    }

    /// <summary>True when this hub has the lock now.</summary>
    /// <exception cref="StorageException">The file cannot be made.</exception>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_file is not null)
                return true;
            try
            {
                // Not shared means flock(2) here. The file stays when the hub ends: removing it would let two hubs hold locks on two files of one name.
                _file = new FileStream(layout.LockFile, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                File.WriteAllText(layout.ProcessFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                return true;
            }
            catch (UnauthorizedAccessException denied)
            {
                throw new StorageException($"{layout.LockFile} cannot be opened: it belongs to another user. Run the hub as the user who owns the data directory.", denied);
            }
            catch (IOException) when (_file is null && File.Exists(layout.LockFile))
            {
                return false;
            }
        }
    }

    /// <summary>Another hub may take over from here on.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    public void Dispose() => Release();

    private int? Holder()
    {
        try
        {
            return int.TryParse(File.ReadAllText(layout.ProcessFile), NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
