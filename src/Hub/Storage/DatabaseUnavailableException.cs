using System.Data.Common;

namespace Hub.Storage;

/// <summary>The database is away or too busy; nothing was changed, and the same may work later.</summary>
public sealed class DatabaseUnavailableException : DbException
{
    public DatabaseUnavailableException(string message) : base(message)
    {
    }

    public DatabaseUnavailableException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
