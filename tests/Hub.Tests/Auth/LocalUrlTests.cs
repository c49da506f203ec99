using Hub.Auth;
using Xunit;

namespace Hub.Tests.Auth;

/// <summary>Where a sign-in may lead: to our own paths.</summary>
public sealed class LocalUrlTests
{
    [Theory]
    [InlineData("/hub/home", "/hub/home")]
    [InlineData("/", "/")]
    [InlineData("/user/ada/lab/tree/a%20b.ipynb?reset#x", "/user/ada/lab/tree/a%20b.ipynb?reset#x")]
    [InlineData("/user/ada/lab/tree/a b.ipynb", "/user/ada/lab/tree/a%20b.ipynb")]
    [InlineData("/user/zoë/lab", "/user/zo%C3%AB/lab")]
    [InlineData("/a?next=//evil", "/a?next=//evil")]
    [InlineData("/<script>", "/%3Cscript%3E")]
    public void A_path_of_ours_is_followed(string next, string followed) => Assert.Equal(followed, LocalUrl.Of(next, "/otherwise"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("\t//evil.example")]
    [InlineData(" //evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("https:evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("evil.example")]
    [InlineData("/ok\r\nSet-Cookie: a=b")]
    [InlineData("/hub/logout")]
    [InlineData("/hub/login?next=/x")]
    [InlineData("/user/ada/logout")]
    public void Anything_else_leads_home(string? next) => Assert.Equal("/otherwise", LocalUrl.Of(next, "/otherwise"));
}
