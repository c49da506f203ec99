using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Hub.Storage.Engines;

/// <summary>A command on a <see cref="SqliteLease"/>: takes the prepared one of its text from the <see cref="SqliteLink"/> and gives it back when it is disposed.</summary>
internal sealed class SqliteLeaseCommand(SqliteLease lease, SqliteLink link) : DbCommand
{
    private SqliteCommand? _command;
    private SqliteDataReader? _reader;
    private bool _failed;

    [AllowNull]
    public override string CommandText
    {
        get => _command?.CommandText ?? "";
        set
        {
            if (_command is null)
                _command = link.Take(value ?? "");
            else
                _command.CommandText = value;
        }
    }

    public override int CommandTimeout
    {
        get => Inner.CommandTimeout;
        set => Inner.CommandTimeout = value;
    }

    public override CommandType CommandType
    {
        get => Inner.CommandType;
        set => Inner.CommandType = value;
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => lease;
        set => throw new NotSupportedException("A command stays on its connection.");
    }

    protected override DbParameterCollection DbParameterCollection => Inner.Parameters;

    protected override DbTransaction? DbTransaction
    {
        get => Inner.Transaction;
        set => Inner.Transaction = (SqliteTransaction?)value;
    }

    private SqliteCommand Inner => _command ??= link.Connection.CreateCommand();

    public override void Cancel() => Inner.Cancel();

    public override void Prepare() => Inner.Prepare();

    public override int ExecuteNonQuery() => Run(command => command.ExecuteNonQuery());

    public override object? ExecuteScalar() => Run(command => command.ExecuteScalar());

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
    {
        _failed = true;
        _reader = Inner.ExecuteReader(behavior);
        _failed = false;
        return _reader;
    }

    protected override DbParameter CreateDbParameter() => new SqliteParameter();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _command, null) is { } command)
        {
            // What failed, or was left in the middle, is in no known state.
            if (_failed || _reader is { IsClosed: false } || lease.State != ConnectionState.Open)
                command.Dispose();
            else
                link.GiveBack(command);
        }
        base.Dispose(disposing);
    }

    private T Run<T>(Func<SqliteCommand, T> run)
    {
        _failed = true;
        T result = run(Inner);
        _failed = false;
        return result;
    }
}
