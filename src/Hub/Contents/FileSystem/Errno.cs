namespace Hub.Contents.FileSystem;

/// <summary>The errors of Linux that mean something to a user of contents.</summary>
internal enum Errno
{
    None = 0,
    NotPermitted = 1,
    NoEntry = 2,
    NoDevice = 6,
    Again = 11,
    Access = 13,
    Exists = 17,
    CrossDevice = 18,
    NotDirectory = 20,
    IsDirectory = 21,
    Invalid = 22,
    TooManyFiles = 23,
    TooManyOpen = 24,
    FileTooBig = 27,
    NoSpace = 28,
    ReadOnlySystem = 30,
    TooManyLinks = 31,
    NameTooLong = 36,
    NotImplemented = 38,
    NotEmpty = 39,
    Loop = 40,
    Overflow = 75,
    NotSupported = 95,
    Stale = 116,
    Quota = 122,
}
