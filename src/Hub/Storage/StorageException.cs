namespace Hub.Storage;

/// <summary>The hub cannot use its data directory or its database; the message tells the operator why and what to do.</summary>
public sealed class StorageException : Exception
{
    public StorageException(string message) : base(message)
    {
    }

    public StorageException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
