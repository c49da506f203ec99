using Hub.Accounts;
using Xunit;

namespace Hub.Tests.Accounts;

/// <summary>Every scope with all it includes, written out from the table of JupyterHub's documentation: what a scope gives is a promise to operators.</summary>
public sealed class ScopeTableTests
{
    public static TheoryData<string, string> Table { get; } = new()
    {
        { "admin-ui", "" },
        { "admin:users", "admin:auth_state delete:users list:users read:roles:users read:users read:users:activity read:users:groups read:users:name users users:activity" },
        { "admin:auth_state", "" },
        { "users", "list:users read:users read:users:activity read:users:groups read:users:name users:activity" },
        { "delete:users", "" },
        { "list:users", "read:users:name" },
        { "read:users", "read:users:activity read:users:groups read:users:name" },
        { "read:users:name", "" },
        { "read:users:groups", "" },
        { "read:users:activity", "" },
        { "users:activity", "read:users:activity" },
        { "read:roles", "read:roles:groups read:roles:services read:roles:users read:services:name" },
        { "read:roles:users", "" },
        { "read:roles:services", "read:services:name" },
        { "read:roles:groups", "" },
        { "admin:servers", "admin:server_state delete:servers read:servers read:users:name servers start:servers" },
        { "admin:server_state", "" },
        { "servers", "delete:servers read:servers read:users:name start:servers" },
        { "start:servers", "" },
        { "read:servers", "read:users:name" },
        { "delete:servers", "" },
        { "tokens", "read:tokens" },
        { "read:tokens", "" },
        { "admin:groups", "delete:groups groups list:groups read:groups read:groups:name read:roles:groups" },
        { "groups", "list:groups read:groups read:groups:name" },
        { "list:groups", "read:groups:name" },
        { "read:groups", "read:groups:name" },
        { "read:groups:name", "" },
        { "delete:groups", "" },
        { "admin:services", "list:services read:roles:services read:services read:services:name" },
        { "list:services", "read:services:name" },
        { "read:services", "read:services:name" },
        { "read:services:name", "" },
        { "read:hub", "" },
        { "access:servers", "" },
        { "access:services", "" },
        { "shares", "access:servers groups:shares read:groups:shares read:shares read:users:shares users:shares" },
        { "users:shares", "read:users:shares" },
        { "read:users:shares", "" },
        { "groups:shares", "read:groups:shares" },
        { "read:groups:shares", "" },
        { "read:shares", "" },
        { "proxy", "" },
        { "shutdown", "" },
        { "read:metrics", "" },
        { "read:audit", "" }, // ours, as those of classes
        { "admin:environments", "" },
        { "admin:classes", "classes read:classes" },
        { "classes", "read:classes" },
        { "read:classes", "" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_scope_includes_these_and_no_others(string scope, string includes)
    {
        string[] all = [.. includes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(scope).Order(StringComparer.Ordinal)];
        Assert.Equal(all, ScopeSet.Of([scope], new ScopeOwner("ada")).ToStrings());
        // A filter goes down with the scope.
        Assert.Equal(all.Select(name => name + "!group=class"), ScopeSet.Of([scope + "!group=class"], new ScopeOwner("ada")).ToStrings());
    }

    [Fact]
    public void The_table_has_every_scope_there_is() => Assert.Equal(Scope.Known, Table.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_scope_is_put_in_words() => Assert.DoesNotContain(Scope.Known, scope => ScopeWords.Of(scope) == scope);

    [Fact]
    public void Self_is_what_every_user_may_with_what_is_theirs() => Assert.Equal(
        [
            "access:servers!user=ada", "classes!user=ada", "delete:servers!user=ada", "read:classes!user=ada", "read:servers!user=ada", "read:shares!user=ada", "read:tokens!user=ada", "read:users!user=ada",
            "read:users:activity!user=ada", "read:users:groups!user=ada", "read:users:name!user=ada", "read:users:shares!user=ada", "servers!user=ada",
            "start:servers!user=ada", "tokens!user=ada", "users:activity!user=ada", "users:shares!user=ada",
        ],
        ScopeSet.Of(["self"], new ScopeOwner("ada")).ToStrings());

    /// <summary>Groups of bob: class and choir. Two groups have nothing in common, whoever may be in both: what cannot be decided by name is refused.</summary>
    [Theory]
    [InlineData("read:users:name!group=class", "read:users:name!user=bob", "read:users:name!user=bob")]
    [InlineData("read:users:name!group=class", "read:users:name!user=eve", "")]
    [InlineData("read:users:name!group=dance", "read:users:name!user=bob", "")]
    [InlineData("access:servers!group=choir", "access:servers!server=bob/", "access:servers!server=bob/")]
    [InlineData("access:servers!group=choir", "access:servers!server=eve/", "")]
    [InlineData("read:users:name!group=class", "read:users:name!group=choir", "")]
    [InlineData("read:users:name", "read:users:name!group=choir", "read:users:name!group=choir")]
    public void A_group_and_its_member_have_the_member_in_common(string one, string other, string common)
    {
        var memberships = new Dictionary<string, IReadOnlyList<string>> { ["bob"] = ["class", "choir"] };
        ScopeSet first = ScopeSet.Of([one], new ScopeOwner("ada"));
        ScopeSet second = ScopeSet.Of([other], new ScopeOwner("ada"));
        string[] expected = common.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, first.Intersect(second, memberships).ToStrings());
        Assert.Equal(expected, second.Intersect(first, memberships).ToStrings());
        Assert.Equal(common == other, first.Covers(second, memberships));
    }

    /// <summary>Tina teaches class 7, and tom class 8: what her tokens reach is what they name, as far as she holds it.</summary>
    [Theory]
    [InlineData("classes!class=7", 7, true)]
    [InlineData("classes!class=7", 8, false)]
    [InlineData("classes!class=8", 8, false)]
    [InlineData("classes", 8, false)]
    [InlineData("classes!user", 7, true)]
    [InlineData("inherit", 7, true)]
    [InlineData("inherit", 8, false)]
    [InlineData("servers!group=class-7", 7, false)]
    public void A_token_of_a_teacher_manages_the_class_it_names_and_none_that_its_owner_does_not(string scope, long classId, bool may)
    {
        var tina = new ScopeOwner("tina");
        ScopeSet teacher = ScopeSet.Of(["self", "classes!class=7", "servers!group=class-7"], tina);
        Assert.Equal(may, ScopeSet.OfToken([scope], teacher, tina).AllowsClass(Scope.Classes, classId, classId == 7 ? ["tina"] : ["tom"]));
    }

    [Theory]
    [InlineData("anna", "class-7", true)]
    [InlineData("otto", "class-8", false)]
    [InlineData("nobody", "", false)]
    public void A_teacher_reaches_the_servers_of_their_own_class(string student, string group, bool may)
    {
        ScopeSet teacher = ScopeSet.Of(["self", "servers!group=class-7", "access:servers!group=class-7", "admin-ui!group=class-7"], new ScopeOwner("tina"));
        foreach (string scope in new[] { Scope.StartServers, Scope.DeleteServers, Scope.ReadServers, Scope.AccessServers })
            Assert.Equal(may, teacher.AllowsServer(scope, student, "", group.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.True(teacher.Has(Scope.AdminUi));
        Assert.False(teacher.Allows(Scope.AdminUi));
    }
}
