using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Spawner.Posix;
using Testing;
using Xunit;

namespace Spawner.Tests;

/// <summary>The directory a kernel shares with the hub, filled with what a hostile kernel would put there.</summary>
public sealed class SharedDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("shared-").FullName;

    private string Inside(string name) => Path.Combine(_root, "d", name);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_symlink_in_place_of_the_directory_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(_root, "d"), "/etc");

        Assert.Throws<IOException>(() => SharedDirectory.Open(Path.Combine(_root, "d")));
    }

    [Fact]
    public void Only_sockets_themselves_are_sockets()
    {
        using SharedDirectory shared = SharedDirectory.Create(Path.Combine(_root, "d"), null, null);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Inside("real")));
        File.CreateSymbolicLink(Inside("link"), Inside("real"));
        File.WriteAllText(Inside("file"), "");

        Assert.True(shared.HoldsSockets(["real"], null));
        Assert.False(shared.HoldsSockets(["link"], null));
        Assert.False(shared.HoldsSockets(["file"], null));
        Assert.False(shared.HoldsSockets(["absent"], null));
        Assert.False(shared.HoldsSockets(["real"], HubUser.UserId + 1));
    }

    [Fact]
    public async Task A_connection_file_that_is_a_link_a_pipe_or_too_long_is_not_read()
    {
        using SharedDirectory shared = SharedDirectory.Create(Path.Combine(_root, "d"), null, null);
        File.CreateSymbolicLink(Inside("link"), "/etc/passwd");
        using (Process made = Process.Start("mkfifo", [Inside("pipe")])) await made.WaitForExitAsync();
        File.WriteAllText(Inside("long"), new string('x', 101));
        File.WriteAllText(Inside("fine"), "fine");

        Assert.Null(shared.Read("link", 10_000));
        Assert.Null(await Eventually.Comes(Task.Run(() => shared.Read("pipe", 100))));
        Assert.Null(shared.Read("long", 100));
        Assert.Equal("fine", Encoding.UTF8.GetString(shared.Read("fine", 100)!));
    }

    [Fact]
    public void Writing_replaces_a_link_instead_of_following_it()
    {
        using SharedDirectory shared = SharedDirectory.Create(Path.Combine(_root, "d"), null, null);
        string victim = Path.Combine(_root, "victim");
        File.WriteAllText(victim, "untouched");
        File.CreateSymbolicLink(Inside("connection.json"), victim);

        shared.Write("connection.json", "new"u8, null, null);

        Assert.Equal("untouched", File.ReadAllText(victim));
        Assert.Equal("new", File.ReadAllText(Inside("connection.json")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Inside("connection.json")));
    }

    [Theory]
    [InlineData("""{"key":"abc"}""", "abc")]
    [InlineData("""{"key":5}""", null)]
    [InlineData("""[]""", null)]
    [InlineData("""{"key":""", null)]
    public void Only_the_key_is_taken_from_a_connection_file(string file, string? key) =>
        Assert.Equal(key, ConnectionFile.ReadKey(Encoding.UTF8.GetBytes(file)));
}
