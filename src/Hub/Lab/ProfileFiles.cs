using System.Text;
using Hub.Accounts;
using Hub.Http;
using Hub.Servers;
using Hub.Storage;

namespace Hub.Lab;

/// <summary>
/// Small text files the hub keeps for a user outside of the home (<see cref="DataLayout.Profiles"/>): settings, workspaces, configuration. Written
/// whole: to a temporary name, synced, renamed. The last of two writers wins.
/// </summary>
/// <remarks>Names of users and servers are safe as directory names (<see cref="UserName"/>); keys are not, so they are percent-encoded into file names.</remarks>
internal sealed class ProfileFiles(DataLayout layout) : IUserPart, IServerPart
{
    /// <summary>Longest key in bytes once encoded; file systems take 255, and a temporary name needs some.</summary>
    public const int MaxKeyBytes = 180;

    private const string Servers = "servers";

    /// <summary>The kind of files <paramref name="kind"/> of one server; of the default one they are the user's.</summary>
    public static string OfServer(ServerKey server, string kind) => server.IsDefault ? kind : $"{Servers}/{server.Name}/{kind}";

    /// <summary>The text, and when it was first and last written; null when there is none.</summary>
    public async Task<(string Text, DateTimeOffset Created, DateTimeOffset Modified)?> ReadAsync(
        string user, string kind, string key, CancellationToken cancellationToken)
    {
        FileInfo file = new(FileOf(user, kind, key));
        try
        {
            string text = await File.ReadAllTextAsync(file.FullName, cancellationToken);
            return (text, file.CreationTimeUtc, file.LastWriteTimeUtc);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>All keys of one kind, sorted.</summary>
    public IReadOnlyList<string> List(string user, string kind)
    {
        string directory = DirectoryOf(user, kind);
        return Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory, "*.json").Select(file => Uri.UnescapeDataString(Path.GetFileNameWithoutExtension(file))).Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>False when it would be one more than <paramref name="maxFiles"/> of its kind; then nothing is changed.</summary>
    public async Task<bool> WriteAsync(string user, string kind, string key, string text, int maxFiles, CancellationToken cancellationToken)
    {
        string file = FileOf(user, kind, key);
        if (!File.Exists(file) && List(user, kind).Count >= maxFiles)
            return false;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        // An open page writes its unchanged layout every few seconds: that must not wake the disk.
        if (await SameAsync(file, bytes, cancellationToken))
            return true;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string draft = $"{file}.{Guid.NewGuid():N}.new";
        try
        {
            await using (FileStream stream = new(draft, FileMode.CreateNew, FileAccess.Write))
            {
                await stream.WriteAsync(bytes, cancellationToken);
                stream.Flush(flushToDisk: true);
            }
            File.Move(draft, file, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>False when there was none.</summary>
    public bool Delete(string user, string kind, string key)
    {
        string file = FileOf(user, kind, key);
        // Who never kept anything has no directory either, and then there is nothing to delete in.
        if (!File.Exists(file))
            return false;
        File.Delete(file);
        return true;
    }

    public Task RenamedAsync(long userId, string from, string to, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Path.Combine(layout.Profiles, from)))
            Directory.Move(Path.Combine(layout.Profiles, from), Path.Combine(layout.Profiles, to));
        return Task.CompletedTask;
    }

    public Task DeletedAsync(long userId, string userName, CancellationToken cancellationToken)
    {
        string directory = Path.Combine(layout.Profiles, userName);
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    Task IServerPart.StopAllAsync(ServerKey server, CancellationToken cancellationToken) => Task.CompletedTask;

    int IServerPart.CountRunning(string userName) => 0;

    Task IServerPart.RemovedAsync(long userId, ServerKey server, CancellationToken cancellationToken)
    {
        string directory = DirectoryOf(server.UserName, $"{Servers}/{server.Name}");
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
        return Task.CompletedTask;
    }

    Task IServerPart.RenamedAsync(long userId, ServerKey server, string name, CancellationToken cancellationToken)
    {
        string from = DirectoryOf(server.UserName, $"{Servers}/{server.Name}");
        string to = DirectoryOf(server.UserName, $"{Servers}/{name}");
        if (Directory.Exists(from) && !Directory.Exists(to))
            Directory.Move(from, to);
        return Task.CompletedTask;
    }

    /// <summary>Does <paramref name="key"/> make a file name?</summary>
    public static bool IsKey(string key) => key.Length is > 0 and <= MaxKeyBytes && Uri.EscapeDataString(key).Length <= MaxKeyBytes;

    private static async Task<bool> SameAsync(string file, byte[] bytes, CancellationToken cancellationToken) =>
        new FileInfo(file) is { Exists: true } info
        && info.Length == bytes.Length
        && (await File.ReadAllBytesAsync(file, cancellationToken)).AsSpan().SequenceEqual(bytes);

    private string DirectoryOf(string user, string kind) => Path.Combine(layout.Profiles, user, kind);

    private string FileOf(string user, string kind, string key) =>
        IsKey(key) ? Path.Combine(DirectoryOf(user, kind), Uri.EscapeDataString(key) + ".json") : throw new ArgumentException("The key makes no file name.", nameof(key));
}
