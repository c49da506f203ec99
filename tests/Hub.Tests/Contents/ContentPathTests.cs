using Hub.Contents;
using Xunit;

namespace Hub.Tests.Contents;

public sealed class ContentPathTests
{
    private static readonly ContentsOptions s_limits = new();

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("a/b.txt", "a/b.txt")]
    [InlineData("/a/b.txt/", "a/b.txt")]
    [InlineData("grüße 😀/x%2fy", "grüße 😀/x%2fy")]
    [InlineData("...", "...")]
    public void Good_paths_are_understood(string text, string path) => Assert.Equal(path, ContentPath.Parse(text, s_limits).Text);

    [Theory]
    [InlineData("a//b", "empty part")]
    [InlineData("a/../b", "'..'")]
    [InlineData("..", "'..'")]
    [InlineData("./a", "'.'")]
    [InlineData("a\0b", "NUL")]
    public void Bad_paths_are_refused_by_what_is_bad(string text, string named)
    {
        ContentException refused = Assert.Throws<ContentException>(() => ContentPath.Parse(text, s_limits));
        Assert.Equal(ContentFailure.BadRequest, refused.Failure);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_names_nothing() =>
        Assert.Contains("Unicode", Assert.Throws<ContentException>(() => ContentPath.Parse("a\ud800b", s_limits)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parts_of_a_path_are_told_apart()
    {
        ContentPath path = ContentPath.Parse("a/.b/c.ipynb", s_limits);
        Assert.Equal("c.ipynb", path.Name);
        Assert.Equal("a/.b", path.Parent.Text);
        Assert.True(path.IsHidden);
        Assert.True(path.IsNotebook);
        Assert.True(path.IsWithin(path.Parent));
        Assert.False(ContentPath.Parse("a/.bc", s_limits).IsWithin(path.Parent));
        Assert.Equal("", ContentPath.Root.Parent.Text);
        Assert.Throws<ContentException>(() => path.Child("x/y", s_limits));
    }

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("a@b.c-d_e+f", "a@b.c-d_e+f")]
    [InlineData("..", "%2E.")]
    [InlineData(".hidden", "%2Ehidden")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a b\0%", "a%20b%00%25")]
    [InlineData("é", "%C3%A9")]
    public void No_user_name_is_a_path(string user, string directory) => Assert.Equal(directory, HomeName.Of(user));

    [Theory]
    [InlineData("")]
    [InlineData("ééééééééééééééééééééééééééééééééééééééééééééé")]
    public void A_user_name_that_names_no_directory_is_refused(string user) => Assert.Throws<HomeException>(() => HomeName.Of(user));

    [Fact]
    public void Copies_and_new_files_are_numbered_where_Jupyter_numbers_them()
    {
        Assert.Equal(["b.txt", "b-Copy1.txt", "b-Copy2.txt"], ContentNames.Copies("b.txt").Take(3));
        Assert.Equal(["b.txt", "b-Copy1.txt"], ContentNames.Copies("b-Copy7.txt").Take(2));
        Assert.Equal(["a.tar.gz", "a-Copy1.tar.gz"], ContentNames.Copies("a.tar.gz").Take(2));
        Assert.Equal(["a.b.ipynb", "a.b-Copy1.ipynb"], ContentNames.Copies("a.b.ipynb").Take(2));
        Assert.Equal(["folder", "folder-Copy1"], ContentNames.Copies("folder-Copy").Take(2));
        Assert.Equal([".env", ".env-Copy1"], ContentNames.Copies(".env").Take(2));
        Assert.Equal(["Untitled Folder", "Untitled Folder 1"], ContentNames.Untitled("directory", "").Take(2));
    }
}
