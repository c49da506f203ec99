using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Spawner.Docker;

/// <summary>The directory of a Dockerfile as the engine wants it (a tar), and a hash by which a changed one is noticed.</summary>
/// <param name="Hash">Over the names and bytes of all files and the build's arguments.</param>
internal sealed record BuildContext(byte[] Tar, string Hash)
{
    /// <param name="directory">Holds a Dockerfile.</param>
    /// <param name="arguments">Build arguments, which change what is built.</param>
    /// <param name="maxBytes">Option <c>Docker:BuildContextBytes</c>.</param>
    /// <exception cref="IOException">There is no Dockerfile, a file cannot be read, or all together are too big.</exception>
    public static async Task<BuildContext> ReadAsync(string directory, IReadOnlyDictionary<string, string> arguments, long maxBytes, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(directory, "Dockerfile"))) throw new FileNotFoundException($"there is no Dockerfile in {directory}");
        string[] files = [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (files.Sum(file => new FileInfo(file).Length) > maxBytes) throw new IOException($"the files in {directory} have more than Docker:BuildContextBytes = {maxBytes} bytes");
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        MemoryStream tar = new();
        await using (TarWriter writer = new(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string file in files)
            {
                string name = Path.GetRelativePath(directory, file);
                byte[] content = await File.ReadAllBytesAsync(file, cancellationToken);
                hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{content.Length}\0"));
                hash.AppendData(content);
                // Owner and time are left at their defaults, so the same files are the same layer on every machine.
                await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(content),
                    Mode = File.GetUnixFileMode(file),
                    ModificationTime = DateTimeOffset.UnixEpoch,
                }, cancellationToken);
            }
        }
        foreach ((string name, string value) in arguments.OrderBy(argument => argument.Key, StringComparer.Ordinal)) hash.AppendData(Encoding.UTF8.GetBytes($"{name}={value}\0"));
        return new BuildContext(tar.ToArray(), Convert.ToHexStringLower(hash.GetHashAndReset())[..32]);
    }
}
