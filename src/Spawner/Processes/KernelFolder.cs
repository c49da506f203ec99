using System.Globalization;
using System.Text.Json;
using Spawner.Posix;

namespace Spawner.Processes;

/// <summary>
/// The state directory of one kernel, the hub's alone: <c>kernel.json</c> (the record), <c>channels</c> (where its sockets are),
/// <c>pid</c>, <c>exit</c> (its exit status, written by the supervisor), <c>environment</c>, <c>log</c> and <c>log.old</c>.
/// </summary>
internal sealed class KernelFolder(string path)
{
    public string Path { get; } = path;

    public bool Exists => Directory.Exists(Path);

    /// <exception cref="IOException">It exists already, or cannot be made.</exception>
    public void Create(string channels, string environment)
    {
        using SharedDirectory directory = SharedDirectory.Create(Path, null, null);
        directory.Write("channels", System.Text.Encoding.UTF8.GetBytes(channels), null, null);
        directory.Write("environment", System.Text.Encoding.UTF8.GetBytes(environment), null, null);
    }

    public string? ReadChannels() => ReadText("channels");

    public int? ReadPid() => int.TryParse(ReadText("pid"), CultureInfo.InvariantCulture, out int pid) ? pid : null;

    /// <summary>The shell's account of how the kernel ended: above 128 it is 128 and a signal.</summary>
    public int? ReadExit() => int.TryParse(ReadText("exit"), CultureInfo.InvariantCulture, out int status) ? status : null;

    public void Write(KernelRecord record)
    {
        using SharedDirectory directory = SharedDirectory.Open(Path);
        directory.Write("kernel.json", JsonSerializer.SerializeToUtf8Bytes(record), null, null);
        File.Delete(System.IO.Path.Combine(Path, "environment"));
    }

    public KernelRecord? ReadRecord()
    {
        try
        {
            return ReadText("kernel.json") is { } text ? JsonSerializer.Deserialize<KernelRecord>(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The end of the two log files together.</summary>
    public string ReadLogTail(int maxBytes)
    {
        // One byte more than asked for tells whether something was cut off.
        byte[] newer = ReadEnd("log", maxBytes + 1);
        return LogTail.Text([.. ReadEnd("log.old", maxBytes + 1 - newer.Length), .. newer], maxBytes);
    }

    public void Delete()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }

    private byte[] ReadEnd(string name, int maxBytes)
    {
        try
        {
            using FileStream file = new(System.IO.Path.Combine(Path, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > maxBytes) file.Seek(-maxBytes, SeekOrigin.End);
            byte[] end = new byte[maxBytes];
            return end[..file.ReadAtLeast(end, maxBytes, throwOnEndOfStream: false)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private string? ReadText(string name)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(Path, name)).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
