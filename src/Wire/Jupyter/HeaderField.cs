namespace Wire.Jupyter;

/// <summary>The fields of a header the spec knows, in the order of <see cref="HeaderShape"/>'s names.</summary>
internal enum HeaderField
{
    MessageId,
    Session,
    UserName,
    Date,
    MessageType,
    Version,
    SubshellId,
}
