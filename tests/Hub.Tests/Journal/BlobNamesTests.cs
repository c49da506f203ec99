using System.Security.Cryptography;
using Hub.Journal;
using Xunit;

namespace Hub.Tests.Journal;

/// <summary>Names of large buffers.</summary>
public sealed class BlobNamesTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("hub-blobs-");

    [Fact]
    public void The_same_bytes_have_the_same_name_also_when_the_key_is_read_again()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(100_000);
        using BlobNames names = Open("one");
        byte[] name = names.Of(bytes);
        Assert.Equal(name, names.Of(bytes));
        Assert.Equal(name, Open("one").Of(bytes));
        Assert.True(names.Fits(bytes, Convert.ToHexStringLower(name)));
        names.Dispose();
        Assert.True(names.Fits(bytes, Convert.ToHexStringLower(name)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_data.FullName, "one.key")));
    }

    [Fact]
    public void Other_bytes_and_other_keys_make_other_names()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(5_000);
        using BlobNames names = Open("one");
        byte[] name = names.Of(bytes);
        Assert.NotEqual(name, Open("two").Of(bytes));
        foreach (int at in new[] { 0, 1, 15, 16, 2_500, 4_999 })
        {
            bytes[at] ^= 1;
            Assert.NotEqual(name, names.Of(bytes));
            Assert.False(names.Fits(bytes, Convert.ToHexStringLower(name)));
            bytes[at] ^= 1;
        }

        Assert.NotEqual(name, names.Of(bytes.AsSpan(..^1)));
        Assert.NotEqual(names.Of(new byte[1_024]), names.Of(new byte[1_025]));
    }

    [Fact]
    public void A_former_version_named_them_by_SHA_256()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(5_000);
        string name = Convert.ToHexStringLower(SHA256.HashData(bytes));
        using BlobNames names = Open("one");
        Assert.True(names.Fits(bytes, name));
        bytes[7]++;
        Assert.False(names.Fits(bytes, name));
    }

    public void Dispose() => _data.Delete(recursive: true);

    private BlobNames Open(string journal) => new(Path.Combine(_data.FullName, journal + ".key"));
}
