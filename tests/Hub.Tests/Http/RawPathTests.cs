using Hub.Http;
using Xunit;

namespace Hub.Tests.Http;

public sealed class RawPathTests
{
    [Theory]
    [InlineData("/a/b", "/a/b")]
    [InlineData("/a/b?x=/../c", "/a/b")]
    [InlineData("http://host:1/a%2Fb?x", "/a%2Fb")]
    [InlineData("http://host", "/")]
    [InlineData("*", "*")]
    public void The_path_is_cut_from_the_target(string target, string path) => Assert.Equal(path, RawPath.PathOf(target).ToString());

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a%20b%2Fc", "a b/c")]
    [InlineData("%C3%BC%e2%82%ac", "ü€")]
    [InlineData("100%25", "100%")]
    [InlineData("%252e%252e", "%2e%2e")] // once, not twice
    [InlineData("ü%20x", "ü x")]
    public void Escapes_are_decoded_exactly_once(string encoded, string decoded)
    {
        Assert.True(RawPath.TryDecode(encoded, out string? once));
        Assert.Equal(decoded, once);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("a%2")]
    [InlineData("%zz")]
    [InlineData("%u0041")]
    [InlineData("%ff")]
    [InlineData("%c0%ae")] // an overlong dot
    [InlineData("%ed%a0%80")] // half a surrogate pair
    public void Malformed_escapes_are_refused(string encoded) => Assert.False(RawPath.TryDecode(encoded, out _));

    [Theory]
    [InlineData("/user/a/../b", 404)]
    [InlineData("/user/a/%2e%2e/b", 404)]
    [InlineData("/user/a/.%2E/b", 404)]
    [InlineData("/user/a/x%2F..%2Fy", 404)]
    [InlineData("/user/a/./b", 404)]
    [InlineData("/user/a/..", 404)]
    [InlineData("/..;/user", null)]
    [InlineData("/user/a/x%00y", 404)]
    [InlineData("/user/a/%c0%ae%c0%ae/b", 400)]
    [InlineData("/user/a/%252e%252e/b", null)]
    [InlineData("/user/a/...", null)]
    [InlineData("/user/a/.hidden/x..y", null)]
    [InlineData("/user/a?path=../..", null)]
    public void Paths_that_climb_are_refused(string target, int? status) => Assert.Equal(status, RawPathMiddleware.Refusal(target)?.Status);
}
