using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hub.Contents;
using Hub.Contents.Archives;
using Hub.Contents.FileSystem;
using Hub.Contents.Saving;
using Microsoft.Extensions.Options;
using Xunit;

namespace Hub.Tests.Contents.FileSystem;

/// <summary>
/// Another process flips links and renames directories as fast as it can, at least a hundred thousand times, while everything that the API can do is done through
/// them. Beside the home lies a canary; the tests run as root, so nothing but the way paths are walked protects it.
/// </summary>
public sealed class LinkRaceTests : IDisposable
{
    private const int Flips = 300_000;

    /// <summary>A link that leads in and out by turns, a directory that is one or a link out by turns, and a file that is one or a link out by turns.</summary>
    private const string Flipper =
        """
        import os, sys
        home, outside, flips = sys.argv[1], sys.argv[2], int(sys.argv[3])
        os.chdir(home)
        done = 0
        while done < flips:
            for target in ("inside", outside):
                os.symlink(target, "l"); os.rename("l", "flip"); done += 1
            os.rename("dir", "d"); os.symlink(outside, "dir"); done += 1
            os.remove("dir"); os.rename("d", "dir"); done += 1
            os.symlink(outside + "/file.txt", "f"); os.rename("f", "inside/leaf.txt"); done += 1
            with open("g", "w") as g: g.write("inside")
            os.rename("g", "inside/leaf.txt"); done += 1
        print(done)
        """;

    private static readonly ContentsOptions s_options = new() { AllowHidden = true };

    /// <summary>In memory where there is such a place: on a disk the flips wait for each other's journal, and are not as fast as they can.</summary>
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"hub-race-{Guid.NewGuid():N}")).FullName;
    private readonly HomeDirectory _home;
    private readonly UploadTurns _turns = new(Options.Create(s_options), TimeProvider.System);
    private int _done;
    private int _refused;

    public LinkRaceTests() => _home = new HomeDirectory("alice", Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName, null, null);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nothing_outside_is_read_or_written_through_a_hundred_thousand_flips()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "file.txt"), "CANARY");
        foreach (string place in new[] { "inside", "dir" })
        {
            Directory.CreateDirectory(Path.Combine(_home.Path, place));
            await File.WriteAllTextAsync(Path.Combine(_home.Path, place, "file.txt"), "inside");
        }
        await File.WriteAllTextAsync(Path.Combine(outside, "only-outside.txt"), "CANARY");
        DateTime changed = Directory.GetLastWriteTimeUtc(outside);
        using Process flipper = Process.Start(new ProcessStartInfo("python3", ["-c", Flipper, _home.Path, outside, $"{Flips}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using (ContentRoot root = ContentRoot.Open(_home))
        {
            do
            {
                foreach (string place in new[] { "flip", "dir", "inside" })
                    UseAll(root, place);
            }
            while (!flipper.HasExited);
        }
        string said = await flipper.StandardOutput.ReadToEndAsync();
        Assert.True(int.TryParse(said, CultureInfo.InvariantCulture, out int flips) && flips >= 100_000, said + await flipper.StandardError.ReadToEndAsync());
        Assert.True(_done > 100 && _refused > 10, $"{_done} done, {_refused} refused");
        Assert.Equal(["file.txt", "only-outside.txt"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName).Order());
        Assert.Equal("CANARY", await File.ReadAllTextAsync(Path.Combine(outside, "file.txt")));
        Assert.Equal(changed, Directory.GetLastWriteTimeUtc(outside));
        // Nor did a copy, a checkpoint or an archive carry its content in.
        foreach (string file in Directory.EnumerateFiles(_home.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            Assert.DoesNotContain("CANARY", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{flips} flips, {_done} operations done, {_refused} refused");
    }

    private void UseAll(ContentRoot root, string place)
    {
        ContentPath file = ContentPath.Parse($"{place}/file.txt", s_options), leaf = ContentPath.Parse($"{place}/leaf.txt", s_options);
        ContentPath directory = ContentPath.Parse(place, s_options), planted = ContentPath.Parse($"{place}/planted.txt", s_options);
        foreach (ContentPath read in new[] { file, leaf })
        {
            Try(() =>
            {
                using OpenedFile opened = root.OpenFile(read);
                Assert.DoesNotContain("CANARY", Encoding.UTF8.GetString(opened.ReadAll(1000, "X")), StringComparison.Ordinal);
            });
            Try(() => new Checkpoints(root, s_options).Create(read));
            Try(() => new ContentChanges(root, s_options).Copy(read, ContentPath.Root, CancellationToken.None));
        }
        Try(() => Save(planted));
        Try(() => Save(leaf));
        Try(() =>
        {
            using ListingSession listing = new(_home, directory, s_options, DateTimeOffset.UnixEpoch);
            Assert.DoesNotContain(listing.Next(1000), entry => entry.Path.Name == "only-outside.txt");
        });
        Try(() => Pack(directory));
        Try(() => new ContentChanges(root, s_options).Rename(planted, ContentPath.Parse("moved.txt", s_options)));
        Try(() => new ContentChanges(root, s_options).Delete(ContentPath.Parse("moved.txt", s_options)));
        Try(() => new ContentChanges(root, s_options).Delete(planted));
        Try(() => new ContentChanges(root, s_options).CreateUntitled(directory, "directory", ""));
        Try(() => new ContentChanges(root, s_options).Delete(ContentPath.Parse($"{place}/Untitled Folder", s_options)));
        foreach (string copy in new[] { "file.txt", "leaf.txt", "file-Copy1.txt", "leaf-Copy1.txt" })
            Try(() => Assert.DoesNotContain("CANARY", Taken(root, copy), StringComparison.Ordinal));
    }

    /// <summary>Reads a copy that was made in the home, and removes it.</summary>
    private static string Taken(ContentRoot root, string name)
    {
        ContentPath path = ContentPath.Parse(name, s_options);
        using OpenedFile copy = root.OpenFile(path);
        string text = Encoding.UTF8.GetString(copy.ReadAll(1000, "X"));
        new ContentChanges(root, s_options).Delete(path);
        return text;
    }

    private void Save(ContentPath path)
    {
        using UploadTurn turn = _turns.Enter(1, path, "");
        using SaveSession session = new(_home, path, s_options, turn);
        session.Feed(new ReadOnlySequence<byte>("""{"type":"file","format":"text","content":"planted"}"""u8.ToArray()));
        session.Finish();
    }

    private void Pack(ContentPath path)
    {
        ArrayBufferWriter<byte> archive = new();
        using ArchiveSession session = new(_home, path, "top", s_options);
        session.Check();
        session.Begin(ArchiveFormat.Parse("tar"), archive);
        while (session.Step())
        {
        }
        Assert.True(archive.WrittenSpan.IndexOf("CANARY"u8) < 0, "the archive holds what lies outside");
    }

    private void Try(Action action)
    {
        try
        {
            action();
            _done++;
        }
        catch (ContentException)
        {
            _refused++;
        }
    }
}
