namespace Hub.Journal;

/// <summary>Another process has this journal open: a hub that is about to leave, or a second one on the same data directory.</summary>
public sealed class JournalInUseException : IOException
{
    public JournalInUseException()
    {
    }

    public JournalInUseException(string message)
        : base(message)
    {
    }

    public JournalInUseException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
