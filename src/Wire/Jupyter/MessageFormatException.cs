namespace Wire.Jupyter;

/// <summary>The bytes are no Jupyter message; the text names the part, the field or the limit that was wrong.</summary>
public sealed class MessageFormatException : FormatException
{
    public MessageFormatException()
    {
    }

    public MessageFormatException(string message)
        : base(message)
    {
    }

    public MessageFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static MessageFormatException Exceeds(string what, long size, string limit, int allowed) =>
        new($"{what} is {size}, more than {limit} ({allowed}) allows");
}
