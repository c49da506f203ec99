using Hub.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Testing;

namespace Hub.Tests.Storage;

/// <summary>A real database in a directory of its own, without a hub around it.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hub-database-");
    private readonly StorageOptions _options;

    private TemporaryDatabase(StorageOptions options)
    {
        _options = options;
        Layout = new DataLayout(Path.Combine(_directory.FullName, "data"));
        Layout.Create();
        Database = Open(options.BusyTimeoutSeconds);
    }

    /// <summary>On the engine the tests run on.</summary>
    public static Task<TemporaryDatabase> CreateAsync(int busySeconds = 10) =>
        PostgreSqlServer.IsWanted ? CreatePostgreSqlAsync(busySeconds) : Task.FromResult(CreateSqlite(busySeconds));

    public static TemporaryDatabase CreateSqlite(int busySeconds = 10) => new(new StorageOptions { BusyTimeoutSeconds = busySeconds });

    /// <summary>In a schema of its own on the tests' server, or on <paramref name="server"/>.</summary>
    public static async Task<TemporaryDatabase> CreatePostgreSqlAsync(int busySeconds = 10, PostgreSqlServer? server = null)
    {
        server ??= await PostgreSqlServer.Shared;
        string schema = "database_" + Guid.NewGuid().ToString("n");
        await server.CreateSchemaAsync(schema);
        return OpenPostgreSql(server, schema, busySeconds);
    }

    public static TemporaryDatabase OpenPostgreSql(PostgreSqlServer server, string schema, int busySeconds = 10) =>
        new(new StorageOptions { Provider = StorageOptions.PostgreSql, ConnectionString = server.ConnectionString(schema), BusyTimeoutSeconds = busySeconds });

    public DataLayout Layout { get; }

    public HubDatabase Database { get; }

    /// <summary>As another process would open the same database.</summary>
    public HubDatabase Open(int busySeconds = 10) => new(Layout, Options.Create(_options with { BusyTimeoutSeconds = busySeconds }));

    public static Migrator MigratorOf(HubDatabase database) => new(database, TimeProvider.System, NullLogger<Migrator>.Instance);

    public void Dispose()
    {
        Database.Dispose();
        _directory.Delete(recursive: true);
    }
}
