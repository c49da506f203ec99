using Hub.Accounts;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>What scopes allow: JupyterHub's rules, row by row.</summary>
public sealed class ScopeSetTests
{
    private static readonly ScopeOwner s_ada = new("ada", "lab");

    [Theory]
    [InlineData("users", "read:users:activity", "bob", true)]
    [InlineData("users!user=ada", "read:users:name", "ada", true)]
    [InlineData("users!user=ada", "read:users:name", "bob", false)]
    [InlineData("admin:users", "delete:users", "bob", true)]
    [InlineData("admin:users", "read:servers", "bob", false)]
    [InlineData("admin:servers", "start:servers", "bob", true)]
    [InlineData("servers", "read:users:name", "bob", true)]
    [InlineData("servers", "access:servers", "bob", false)]
    [InlineData("read:servers!user", "read:servers", "ada", true)]
    [InlineData("read:servers!user", "read:servers", "bob", false)]
    [InlineData("self", "access:servers", "ada", true)]
    [InlineData("self", "access:servers", "bob", false)]
    [InlineData("self", "tokens", "ada", true)]
    [InlineData("self", "list:users", "ada", false)]
    [InlineData("read:users!server=ada/lab", "read:users", "ada", false)]
    [InlineData("shares", "access:servers", "bob", true)]
    [InlineData("read:roles", "read:roles:users", "bob", true)]
    public void A_scope_allows_what_it_includes_for_whom_it_names(string held, string asked, string user, bool allowed) =>
        Assert.Equal(allowed, Parse(held).AllowsUser(asked, user));

    [Theory]
    [InlineData("access:servers", "bob", "any", true)]
    [InlineData("access:servers!server=ada/lab", "ada", "lab", true)]
    [InlineData("access:servers!server=ada/lab", "ada", "", false)]
    [InlineData("access:servers!server=ada/", "ada", "", true)]
    [InlineData("access:servers!server", "ada", "lab", true)]
    [InlineData("access:servers!server", "ada", "other", false)]
    [InlineData("access:servers!user=ada", "ada", "whatever", true)]
    [InlineData("access:servers!user=ada", "adamant", "", false)]
    [InlineData("access:servers!group=class", "bob", "", false)]
    public void A_server_is_reached_by_its_name_or_its_user(string held, string user, string server, bool allowed) =>
        Assert.Equal(allowed, Parse(held).AllowsServer("access:servers", user, server));

    [Fact]
    public void A_group_reaches_its_members()
    {
        ScopeSet held = Parse("read:users!group=class");
        Assert.True(held.AllowsUser("read:users:name", "bob", ["class", "choir"]));
        Assert.False(held.AllowsUser("read:users:name", "bob", ["choir"]));
    }

    [Fact]
    public void Without_a_filter_means_for_everything()
    {
        Assert.True(Parse("read:hub").Allows("read:hub"));
        Assert.False(Parse("read:users!user=ada").Allows("read:users"));
        Assert.True(Parse("read:users!user=ada", "read:users").Allows("read:users"));
    }

    [Theory]
    [InlineData("read:hub", "read:hub", "read:hub")]
    [InlineData("list:users", "list:users!user=ada", "list:users!user=ada read:users:name!user=ada")]
    [InlineData("list:users!user=ada", "list:users!user=bob", "")]
    [InlineData("users", "list:users!user=ada", "list:users!user=ada read:users:name!user=ada")]
    [InlineData("access:servers!user=ada", "access:servers!server=ada/lab", "access:servers!server=ada/lab")]
    [InlineData("access:servers!user=ada", "access:servers!server=bob/lab", "")]
    [InlineData("access:servers!server=ada/x", "access:servers!server=ada/x", "access:servers!server=ada/x")]
    [InlineData("read:users:name!group=class", "read:users:name!user=ada", "")]
    [InlineData("read:users:name!group=class", "read:users:name!group=class", "read:users:name!group=class")]
    [InlineData("read:hub", "proxy", "")]
    public void Two_sets_have_in_common_what_both_reach(string one, string other, string common)
    {
        string[] expected = common.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, Parse(one).Intersect(Parse(other)).ToStrings());
        Assert.Equal(expected, Parse(other).Intersect(Parse(one)).ToStrings());
    }

    [Theory]
    [InlineData("users", "list:users!user=ada", true)]
    [InlineData("users!user=ada", "list:users", false)]
    [InlineData("access:servers!user=ada", "access:servers!server=ada/lab", true)]
    [InlineData("access:servers!server=ada/lab", "access:servers!user=ada", false)]
    [InlineData("list:users", "users", false)]
    public void A_set_covers_what_it_allows_all_of(string one, string other, bool covers) => Assert.Equal(covers, Parse(one).Covers(Parse(other)));

    [Fact]
    public void A_token_may_do_what_it_says_as_far_as_its_owner_may_now()
    {
        ScopeSet owner = ScopeSet.OfUser("ada", admin: false);
        ScopeSet token = ScopeSet.OfToken(["users", "access:servers!user=bob", "read:servers!user"], owner, new ScopeOwner("ada"));
        Assert.False(token.Has("access:servers"));
        Assert.True(token.AllowsUser("read:users:name", "ada"));
        Assert.True(token.AllowsServer("read:servers", "ada", ""));
        Assert.False(token.AllowsUser("read:users", "bob"));
        Assert.False(token.Has("users"));
    }

    [Fact]
    public void A_token_that_inherits_follows_its_owner()
    {
        Assert.True(ScopeSet.OfToken(["inherit"], ScopeSet.OfUser("ada", admin: true), new ScopeOwner("ada")).Allows("admin:users"));
        ScopeSet plain = ScopeSet.OfToken(["inherit"], ScopeSet.OfUser("ada", admin: false), new ScopeOwner("ada"));
        Assert.Equal(ScopeSet.OfUser("ada", admin: false).ToStrings(), plain.ToStrings());
    }

    [Fact]
    public void A_token_without_scopes_still_says_whose_it_is()
    {
        ScopeSet token = ScopeSet.OfToken([], ScopeSet.OfUser("ada", admin: false), new ScopeOwner("ada"));
        Assert.Equal(["read:users:groups!user=ada", "read:users:name!user=ada"], token.ToStrings());
    }

    [Fact]
    public void A_token_with_a_scope_that_no_longer_exists_keeps_the_others()
    {
        ScopeSet token = ScopeSet.OfToken(["was:once", "read:servers!user"], ScopeSet.OfUser("ada", admin: false), new ScopeOwner("ada"));
        Assert.True(token.AllowsServer("read:servers", "ada", ""));
    }

    [Fact]
    public void Administrators_hold_what_users_hold_of_themselves() =>
        Assert.True(ScopeSet.OfUser("ada", admin: true).Covers(ScopeSet.OfUser("ada", admin: false)));

    [Fact]
    public void The_bare_server_filter_means_nothing_for_who_has_no_server()
    {
        Assert.True(ScopeSet.TryParse(["access:servers!server"], new ScopeOwner("ada"), out ScopeSet? parsed, out _));
        Assert.Empty(parsed.ToStrings());
    }

    [Theory]
    [InlineData("no:such")]
    [InlineData("")]
    [InlineData("users!")]
    [InlineData("users!user=")]
    [InlineData("users!server=nouser")]
    [InlineData("users!server=/x")]
    [InlineData("users!color=red")]
    [InlineData("self!user=ada")]
    [InlineData("custom:")]
    [InlineData("custom:Bad")]
    public void What_is_no_scope_is_refused_with_a_reason(string written)
    {
        Assert.False(ScopeSet.TryParse(["read:hub", written], s_ada, out _, out string? error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Custom_scopes_include_nothing_else() => Assert.Equal(["custom:grades:read!user=ada"], Parse("custom:grades:read!user").ToStrings());

    [Fact]
    public void The_hierarchy_is_the_one_of_jupyterhub()
    {
        Assert.Equal(
            ["admin:auth_state", "admin:users", "delete:users", "list:users", "read:roles:users", "read:users", "read:users:activity", "read:users:groups", "read:users:name", "users", "users:activity"],
            Parse("admin:users").ToStrings());
        Assert.Equal(["admin:server_state", "admin:servers", "delete:servers", "read:servers", "read:users:name", "servers", "start:servers"], Parse("admin:servers").ToStrings());
        Assert.Equal(
            ["access:servers", "groups:shares", "read:groups:shares", "read:shares", "read:users:shares", "shares", "users:shares"],
            Parse("shares").ToStrings());
    }

    private static ScopeSet Parse(params string[] scopes)
    {
        Assert.True(ScopeSet.TryParse(scopes, s_ada, out ScopeSet? parsed, out string? error), error);
        return parsed;
    }
}
