namespace Wire.Zmtp;

/// <summary>What <see cref="ZmtpFrameReader.Read"/> found.</summary>
internal enum ZmtpRead
{
    /// <summary>Nothing whole; receive into <see cref="ZmtpFrameReader.GetBuffer"/> and read again.</summary>
    NeedMore,

    Message,

    /// <summary>A command, at <see cref="ZmtpFrameReader.Command"/> until the next call.</summary>
    Command,
}
