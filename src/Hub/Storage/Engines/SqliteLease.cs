using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Hub.Storage.Engines;

/// <summary>
/// A connection of <see cref="SqliteConnections"/> in somebody's hands; disposing gives it back. The driver has a pool, too, but forgets what a connection was
/// set up with, and to set it up again for each query costs as much as the query.
/// </summary>
/// <param name="isWriter">It is the one that writes.</param>
internal sealed class SqliteLease(SqliteConnections home, SqliteLink link, bool isWriter) : DbConnection
{
    private SqliteLink? _link = link;

    [AllowNull]
    public override string ConnectionString
    {
        get => Inner.ConnectionString;
        set => throw new NotSupportedException("A leased connection stays where it is.");
    }

    public override string Database => Inner.Database;

    public override string DataSource => Inner.DataSource;

    public override string ServerVersion => Inner.ServerVersion;

    public override ConnectionState State => _link?.Connection.State ?? ConnectionState.Closed;

    private SqliteConnection Inner => Link.Connection;

    private SqliteLink Link => _link ?? throw new InvalidOperationException("The connection has been given back.");

    public override void Open() => _ = Inner; // it is open

    public override void Close()
    {
        if (Interlocked.Exchange(ref _link, null) is { } back)
            home.GiveBack(back, isWriter);
    }

    public override void ChangeDatabase(string databaseName) => Inner.ChangeDatabase(databaseName);

    /// <summary>A transaction that only reads until it writes; <see cref="DbConnection.BeginTransaction()"/> writes from the start.</summary>
    public DbTransaction BeginDeferred() => Inner.BeginTransaction(IsolationLevel.Serializable, deferred: true);

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => Inner.BeginTransaction(isolationLevel);

    protected override DbCommand CreateDbCommand() => new SqliteLeaseCommand(this, Link);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close();
        base.Dispose(disposing);
    }
}
