namespace Hub.Contents.FileSystem;

/// <summary>Permissions of what the hub makes: those of the usual umask 022, whatever the umask of the hub's process.</summary>
internal static class FileModes
{
    public const uint File = 0x1A4;      // rw-r--r--
    public const uint Directory = 0x1ED; // rwxr-xr-x
    public const uint PrivateDirectory = 0x1C0; // rwx------
    public const uint Private = 0x180;   // rw-------
    public const uint Permissions = 0x1FF;
}
