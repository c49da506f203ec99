using Microsoft.Data.Sqlite;

namespace Hub.Storage.Engines;

/// <summary>
/// An open connection with the commands that were run on it, each prepared once: to read a statement's text and plan it costs the library several times what
/// running it does. Only whoever has the <see cref="SqliteLease"/> uses it.
/// </summary>
internal sealed class SqliteLink(SqliteConnection connection) : IDisposable
{
    /// <summary>Stores have fewer statements than that; with one more all are forgotten, which costs reading each once more.</summary>
    private const int MostPrepared = 128;

    /// <summary>In characters; longer ones are migrations.</summary>
    private const int LongestPrepared = 4096;

    private static readonly string[] s_prepared = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];

    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    public SqliteConnection Connection => connection;

    /// <summary>A transaction is open still when its owner failed to end it.</summary>
    public bool IsClean => connection.State == System.Data.ConnectionState.Open && SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle!) != 0;

    /// <summary>A command of this text without parameters.</summary>
    public SqliteCommand Take(string text)
    {
        if (_prepared.Remove(text, out SqliteCommand? known))
        {
            known.Prepare(); // does nothing for one that ran to its end
            return known;
        }
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    /// <summary>The command is done with.</summary>
    public void GiveBack(SqliteCommand command)
    {
        string text = command.CommandText;
        if (!IsKept(text) || connection.State != System.Data.ConnectionState.Open || _prepared.ContainsKey(text))
        {
            command.Dispose();
            return;
        }
        command.Parameters.Clear();
        command.Transaction = null;
        command.CommandTimeout = connection.DefaultTimeout;
        if (_prepared.Count >= MostPrepared)
            Forget();
        _prepared.Add(text, command);
    }

    /// <summary>Closing ends a transaction that is open still.</summary>
    public void Dispose()
    {
        Forget();
        connection.Dispose();
    }

    /// <summary>What makes tables or sets the connection up runs once.</summary>
    private static bool IsKept(string text) =>
        text.Length <= LongestPrepared && Array.Exists(s_prepared, word => text.AsSpan().TrimStart().StartsWith(word, StringComparison.Ordinal));

    private void Forget()
    {
        foreach (SqliteCommand command in _prepared.Values)
            command.Dispose();
        _prepared.Clear();
    }
}
