using System.Reflection;
using System.Runtime.InteropServices;

namespace Hub.Storage;

/// <summary>Binds the SQLite provider to the system's own library, which gets the distribution's security updates; none is bundled.</summary>
internal static class SqliteLibrary
{
    private const string SystemName = "libsqlite3.so.0";

    /// <summary><c>SQLITE_CONFIG_MEMSTATUS</c>, https://www.sqlite.org/c3ref/c_config_covering_index_scan.html</summary>
    private const int SqliteConfigMemoryStatus = 9;

    private static readonly Lazy<bool> Bound = new(Bind);

    /// <summary>Loads the library once per process.</summary>
    /// <exception cref="StorageException">The system has no SQLite library.</exception>
    public static void Use() => _ = Bound.Value;

    private static bool Bind()
    {
        if (!NativeLibrary.TryLoad(SystemName, out nint library))
            throw new StorageException($"The SQLite library {SystemName} is missing. Install it (Debian and Ubuntu: apt-get install libsqlite3-0) and start again.");
        Assembly provider = typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly;
        NativeLibrary.SetDllImportResolver(provider, (name, _, _) => name == "e_sqlite3" ? library : 0);
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        // Nobody asks the library how much memory it uses, and to count it takes one lock of the whole process at each allocation.
        _ = SQLitePCL.raw.sqlite3_config(SqliteConfigMemoryStatus, 0);
        return true;
    }
}
