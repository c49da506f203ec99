using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Hub.Tests.Storage;

/// <summary>A real database in a directory of its own, without a hub around it.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hub-database-");

    public TemporaryDatabase(int busySeconds = 10)
    {
        Layout = new DataLayout(Path.Combine(_directory.FullName, "data"));
        Layout.Create();
        Database = Open(busySeconds);
    }

    public DataLayout Layout { get; }

    public HubDatabase Database { get; }

    /// <summary>As another process would open the same file.</summary>
    public HubDatabase Open(int busySeconds = 10) => new(Layout, Options.Create(new StorageOptions { BusyTimeoutSeconds = busySeconds }));

    public static Migrator MigratorOf(HubDatabase database) => new(database, TimeProvider.System, NullLogger<Migrator>.Instance);

    public void Dispose()
    {
        Database.Dispose();
        _directory.Delete(recursive: true);
    }
}
