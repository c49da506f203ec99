using System.Diagnostics;
using Hub.Contents.Quotas;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

public sealed class HomeWalkTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("hub-walk-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task It_finds_what_du_finds_with_links_once_and_none_followed()
    {
        Directory.CreateDirectory(Path.Combine(_home, "a/b/c"));
        await File.WriteAllBytesAsync(Path.Combine(_home, "a/b/c/file"), new byte[300_000], TestContext.Current.CancellationToken);
        await RunAsync("ln", Path.Combine(_home, "a/b/c/file"), Path.Combine(_home, "again"));
        File.CreateSymbolicLink(Path.Combine(_home, "away"), "/usr");
        File.CreateSymbolicLink(Path.Combine(_home, "round"), ".");
        await RunAsync("truncate", "-s", "1T", Path.Combine(_home, "sparse"));
        for (int i = 0; i < 700; i++)
            await File.WriteAllTextAsync(Path.Combine(_home, "a", $"{i}"), "x", TestContext.Current.CancellationToken);
        await RunAsync("sync", "-f", _home);
        (long bytes, long entries) = Walk(_home);
        string du = await RunAsync("du", "-s", "-B1", _home);
        Assert.Equal(long.Parse(du.Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture), bytes);
        Assert.Equal(708, entries);
    }

    [Fact]
    public void It_goes_in_steps_of_so_many_entries()
    {
        for (int i = 0; i < 25; i++)
            File.WriteAllText(Path.Combine(_home, $"{i}"), "");
        using HomeWalk walk = HomeWalk.TryOpen(_home)!;
        Assert.True(walk.Step(10));
        Assert.InRange(walk.Entries, 8, 10);
        while (walk.Step(10))
        {
        }
        Assert.Equal(25, walk.Entries);
    }

    [Fact]
    public async Task A_tree_deeper_than_it_may_hold_open_ends()
    {
        await RunAsync("sh", "-c", $"cd {_home} && for i in $(seq 400); do mkdir d && cd d; done");
        Assert.Equal(256, Walk(_home).Entries);
    }

    [Fact]
    public void Where_there_is_no_home_there_is_nothing_to_walk() => Assert.Null(HomeWalk.TryOpen(Path.Combine(_home, "none")));

    private static (long Bytes, long Entries) Walk(string home)
    {
        using HomeWalk walk = HomeWalk.TryOpen(home)!;
        while (walk.Step(100))
        {
        }
        return (walk.Bytes, walk.Entries);
    }

    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said + await errors;
    }
}
