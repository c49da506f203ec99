using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Hub.Contents;

/// <summary>
/// Names of files the hub is still writing. They lie beside the file they will become, because only there a rename is atomic; they are left out of
/// listings, and what a crash leaves of them is removed by the first listing that meets them after <see cref="ContentsOptions.LitterHours"/>.
/// </summary>
internal static class HubLitter
{
    private const string Prefix = ".nbhub-";
    private const string SparePrefix = Prefix + "spare-";

    /// <summary>A name nobody else uses.</summary>
    public static string Temporary() => $"{Prefix}{Guid.NewGuid():N}.tmp";

    /// <summary>
    /// The upload of <paramref name="target"/> after its piece <paramref name="piece"/>. The number stands in the name, so the order of pieces is checked
    /// by the file system itself, without memory that a restart of the hub would lose.
    /// </summary>
    public static string Upload(string target, int piece) => string.Create(CultureInfo.InvariantCulture, $"{UploadPrefix(target)}{piece}.upload");

    /// <summary>What all uploads of <paramref name="target"/> begin with.</summary>
    public static string UploadPrefix(string target) =>
        $"{Prefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target)).AsSpan(0, 12))}-";

    /// <summary>Number of the last piece in an upload's name; null for other names.</summary>
    public static int? PieceOf(string name, string target)
    {
        string prefix = UploadPrefix(target);
        return name.StartsWith(prefix, StringComparison.Ordinal)
            && name.EndsWith(".upload", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(prefix.Length..^".upload".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int piece)
            ? piece
            : null;
    }

    /// <summary>See <see cref="Quotas.SpareFiles"/>; hidden as the others are, and never litter.</summary>
    public static string Spare(int number) => string.Create(CultureInfo.InvariantCulture, $"{SparePrefix}{number}.tmp");

    public static bool IsSpare(string name) => name.StartsWith(SparePrefix, StringComparison.Ordinal);

    public static bool IsOurs(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal)
        && (name.EndsWith(".tmp", StringComparison.Ordinal) || name.EndsWith(".upload", StringComparison.Ordinal));
}
