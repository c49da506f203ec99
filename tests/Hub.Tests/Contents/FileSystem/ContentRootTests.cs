using System.Diagnostics;
using System.Text;
using Hub.Contents;
using Hub.Contents.FileSystem;
using Hub.Contents.Saving;
using Microsoft.Extensions.Options;
using Xunit;

namespace Hub.Tests.Contents.FileSystem;

/// <summary>Walking a home while somebody changes it under our feet.</summary>
public sealed class ContentRootTests : IDisposable
{
    private static readonly ContentsOptions s_options = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("hub-root-").FullName;
    private readonly HomeDirectory _home;

    public ContentRootTests() => _home = new HomeDirectory("alice", Directory.CreateDirectory(Path.Combine(_folder, "home")).FullName, null, null);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>
    /// For two seconds a link changes between a directory of the home and one outside that everybody may write, while everything is tried through it.
    /// No uid protects the outside here: only the way paths are walked does.
    /// </summary>
    [Fact]
    public void A_link_that_is_flipped_all_the_time_never_leads_out()
    {
        string inside = Directory.CreateDirectory(Path.Combine(_home.Path, "inside")).FullName;
        string outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        foreach (string place in new[] { inside, outside })
            File.WriteAllText(Path.Combine(place, "file.txt"), place == inside ? "inside" : "outside");
        using CancellationTokenSource end = new();
        Thread flipper = new(() => Flip(outside, end.Token));
        flipper.Start();
        int read = 0, refused = 0, written = 0;
        try
        {
            using ContentRoot root = ContentRoot.Open(_home);
            ContentPath file = ContentPath.Parse("flip/file.txt", s_options);
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2);)
            {
                Try(() =>
                {
                    using OpenedFile opened = root.OpenFile(file);
                    Assert.Equal("inside", Encoding.UTF8.GetString(opened.ReadAll(100, "X")));
                    read++;
                });
                Try(() =>
                {
                    ContentPath planted = ContentPath.Parse("flip/new.txt", s_options);
                    using UploadTurn turn = new UploadTurns(Options.Create(s_options), TimeProvider.System).Enter(1, planted, "");
                    using SaveSession session = new(_home, planted, s_options, turn);
                    session.Feed(new("""{"type":"file","format":"text","content":"planted"}"""u8.ToArray()));
                    session.Finish();
                    written++;
                });
                Try(() => new ContentChanges(root, s_options).Delete(ContentPath.Parse("flip/new.txt", s_options)));
                Try(() => new ContentChanges(root, s_options).CreateUntitled(ContentPath.Parse("flip", s_options), "directory", ""));
                Try(() => new ContentChanges(root, s_options).Delete(ContentPath.Parse("flip/Untitled Folder", s_options)));
                Try(() => new ContentChanges(root, s_options).Rename(ContentPath.Parse("flip/new.txt", s_options), ContentPath.Parse("moved.txt", s_options)));
                Try(() => new Checkpoints(root, s_options).Create(file));
            }
        }
        finally
        {
            end.Cancel();
            flipper.Join();
        }
        Assert.True(read > 0 && written > 0 && refused > 0, $"the link was not flipped: {read} read, {written} written, {refused} refused");
        Assert.Equal(["file.txt"], Directory.GetFileSystemEntries(outside).Select(Path.GetFileName));
        Assert.Equal("outside", File.ReadAllText(Path.Combine(outside, "file.txt")));

        void Try(Action action)
        {
            try
            {
                action();
            }
            catch (ContentException)
            {
                refused++;
            }
        }
    }

    [Fact]
    public void What_is_written_to_a_directory_that_was_moved_away_stays_in_the_home()
    {
        Directory.CreateDirectory(Path.Combine(_home.Path, "a"));
        using ContentRoot root = ContentRoot.Open(_home);
        using OpenedDirectory directory = root.OpenDirectory(ContentPath.Parse("a", s_options));
        Directory.Move(Path.Combine(_home.Path, "a"), Path.Combine(_home.Path, "b"));
        Directory.CreateSymbolicLink(Path.Combine(_home.Path, "a"), "/tmp");
        using (PendingFile file = PendingFile.Create(directory, "/a/x"))
        {
            file.Write("x"u8);
            file.Replace(FileName.Encode("x"), FileModes.File);
        }
        Assert.Equal("x", File.ReadAllText(Path.Combine(_home.Path, "b/x")));
    }

    [Fact]
    public void A_pending_file_that_is_given_up_leaves_nothing()
    {
        using ContentRoot root = ContentRoot.Open(_home);
        using OpenedDirectory directory = root.OpenDirectory(ContentPath.Root);
        using (PendingFile file = PendingFile.Create(directory, "/x"))
        {
            file.Write(new byte[1 << 20]);
            Assert.Single(Directory.GetFileSystemEntries(_home.Path));
        }
        Assert.Empty(Directory.GetFileSystemEntries(_home.Path));
    }

    [Fact]
    public void A_name_that_is_taken_is_not_taken_again()
    {
        File.WriteAllText(Path.Combine(_home.Path, "taken"), "old");
        using ContentRoot root = ContentRoot.Open(_home);
        using OpenedDirectory directory = root.OpenDirectory(ContentPath.Root);
        using PendingFile file = PendingFile.Create(directory, "/x");
        file.Write("new"u8);
        Assert.Null(file.TryPlace(FileName.Encode("taken"), FileModes.File));
        Assert.NotNull(file.TryPlace(FileName.Encode("free"), FileModes.File));
        Assert.Equal("old", File.ReadAllText(Path.Combine(_home.Path, "taken")));
        Assert.Equal("new", File.ReadAllText(Path.Combine(_home.Path, "free")));
    }

    [Fact]
    public void Times_that_no_calendar_has_do_no_harm()
    {
        RawStatus status = new() { Mode = 0x81A4, ModifySeconds = long.MaxValue, ChangeSeconds = long.MinValue, ModifyNanoseconds = 999_999_999 };
        Assert.Equal(9999, FileStatus.From(status).Modified.Year);
        Assert.Equal(1, FileStatus.From(status).Created.Year);
    }

    private void Flip(string outside, CancellationToken end)
    {
        string link = Path.Combine(_home.Path, "flip");
        for (bool isOut = false; !end.IsCancellationRequested; isOut = !isOut)
        {
            File.Delete(link);
            File.CreateSymbolicLink(link, isOut ? outside : "inside");
        }
    }
}
