using Hub.Http;
using Xunit;

namespace Hub.Tests.Http;

/// <summary>Which paths are those of a named server, however they are written.</summary>
public sealed class NamedPathPolicyTests
{
    [Theory]
    [InlineData("/user/ada/second/lab/tree/x", "/user/ada/lab/tree/x")]
    [InlineData("/user/ada/second/", "/user/ada/")]
    [InlineData("/user/ada/second", "/user/ada")]
    [InlineData("/USER/ada/second/api", "/USER/ada/api")]
    [InlineData("/user/ada/second/second/x", "/user/ada/second/x")] // once: what follows is a path within the server
    public void The_name_is_taken_out_once(string path, string expected)
    {
        NamedPath? found = NamedPathPolicy.Find(path, path, IsAdasSecond);
        Assert.Equal(new NamedPath("second", expected, expected), found);
    }

    [Theory]
    [InlineData("/user/ada/second/api/contents/a b/c", "/user/ada/second/api/contents/a%20b%2Fc", "/user/ada/api/contents/a%20b%2Fc")]
    [InlineData("/user/ada/second/lab", "/user/%61da/s%65cond/lab", "/user/%61da/lab")]
    [InlineData("/user/ada/second/lab", "/%75ser/ada/second/lab", "/%75ser/ada/lab")]
    public void What_was_sent_stays_as_it_was_sent(string path, string raw, string expected) =>
        Assert.Equal(expected, NamedPathPolicy.Find(path, raw, IsAdasSecond)?.RawPath);

    [Theory]
    [InlineData("/user/ada/lab", "/user/ada/lab")]
    [InlineData("/user/ada/", "/user/ada/")]
    [InlineData("/user/ada", "/user/ada")]
    [InlineData("/user/", "/user/")]
    [InlineData("/", "/")]
    [InlineData("", "")]
    [InlineData("/user/bob/second/lab", "/user/bob/second/lab")]
    [InlineData("/user/ada/Second/lab", "/user/ada/Second/lab")]
    [InlineData("/user/ada/second2/lab", "/user/ada/second2/lab")]
    [InlineData("/hub/user/ada/second/lab", "/hub/user/ada/second/lab")]
    [InlineData("/user/ada/lab/second/x", "/user/ada/lab/second/x")]
    // An empty segment is none, whoever reads it.
    [InlineData("/user//ada/second/lab", "/user//ada/second/lab")]
    [InlineData("/user/ada//second/lab", "/user/ada//second/lab")]
    [InlineData("//user/ada/second/lab", "//user/ada/second/lab")]
    // An encoded slash is a letter of its segment, not the end of one.
    [InlineData("/user/ada/second%2Flab", "/user/ada/second%2Flab")]
    [InlineData("/user%2Fada/second/lab", "/user%2Fada/second/lab")]
    [InlineData("/user/ada%2Fsecond/lab", "/user/ada%2Fsecond/lab")]
    // Encoded twice is not decoded twice.
    [InlineData("/user/ada/s%65cond/lab", "/user/ada/s%2565cond/lab")]
    public void All_else_is_no_named_servers(string path, string raw) => Assert.Null(NamedPathPolicy.Find(path, raw, IsAdasSecond));

    [Theory]
    [InlineData("/user/ada/second/lab", "/user/ada/third/../second/lab")] // dots were resolved in one and not in the other
    [InlineData("/user/ada/second/lab", "/user/bob/second/lab")]
    [InlineData("/user/ada/second/lab", "/user/ada//second/lab")]
    [InlineData("/user/ada/second/lab", "/user/ada/%zz/lab")]
    [InlineData("/user/ada/second/lab", "")]
    [InlineData("/user/ada/second/lab", "*")]
    public void Where_the_two_forms_disagree_nothing_is_taken_out(string path, string raw) => Assert.Null(NamedPathPolicy.Find(path, raw, IsAdasSecond));

    private static bool IsAdasSecond(string user, string name) => (user, name) is ("ada", "second");
}
