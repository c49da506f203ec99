using System.Security.Cryptography;
using Hub.Contents.FileSystem;
using Hub.Contents.Saving;

namespace Hub.Contents;

/// <summary>What one pass over the bytes of a file tells.</summary>
/// <param name="Hash">SHA-256 as lower-case hex.</param>
internal sealed record FileScan(bool IsUtf8, string Hash)
{
    /// <summary>Reads all of <paramref name="file"/> in small pieces.</summary>
    public static FileScan Of(OpenedFile file, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Utf8Check utf8 = default;
        bool isUtf8 = true;
        byte[] buffer = new byte[128 << 10];
        long offset = 0;
        for (int read; (read = file.Read(buffer, offset)) > 0; offset += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            isUtf8 = isUtf8 && utf8.Add(buffer.AsSpan(0, read));
        }
        return new FileScan(isUtf8 && utf8.IsComplete, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
