using Hub.Accounts;
using Hub.Classes;
using Spawner;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>What is decided about classes without asking anybody: codes, who may join, who may manage.</summary>
public sealed class ClassRulesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 4, 5, 9, 0, 0, TimeSpan.Zero);

    private static readonly Class s_class = new(7, "Physics", "Physics")
    {
        Capacity = 2,
        Students = 1,
        Guests = true,
        Code = new ClassCode("7KQ4-M2XH"),
        Teachers = ["grace"],
    };

    [Fact]
    public void A_code_has_no_letters_that_look_alike_and_is_read_back()
    {
        string code = JoinCode.New();
        Assert.Matches("^[23456789A-HJKMNP-TV-Z]{4}-[23456789A-HJKMNP-TV-Z]{4}$", code);
        Assert.True(JoinCode.TryParse(code, out string? read));
        Assert.Equal(code, read);
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => JoinCode.New()).Distinct().Count());
    }

    [Theory]
    [InlineData("7KQ4-M2XH", "7KQ4-M2XH")]
    [InlineData(" 7kq4m2xh ", "7KQ4-M2XH")]
    [InlineData("7 k q 4 – m 2 x h", "7KQ4-M2XH")]
    [InlineData("7KQ4-M2X", null)]
    [InlineData("7KQ4-M2XHH", null)]
    [InlineData("7KQ4-M2X0", null)]
    [InlineData("7KQ4-M2XI", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_code_is_understood_as_people_type_it(string? written, string? code) =>
        Assert.Equal(code, JoinCode.TryParse(written, out string? read) ? read : null);

    public static TheoryData<Class, bool, bool, JoinRefusal> Attempts() => new()
    {
        { s_class, false, true, JoinRefusal.None },
        { s_class with { Students = 2 }, false, true, JoinRefusal.Full },
        { s_class with { Students = 2 }, true, false, JoinRefusal.None },
        { s_class with { Guests = false }, false, true, JoinRefusal.NoGuests },
        { s_class with { Guests = false }, false, false, JoinRefusal.None },
        { s_class with { Code = s_class.Code with { Closed = true } }, false, false, JoinRefusal.Closed },
        { s_class with { Code = s_class.Code with { Closed = true } }, true, false, JoinRefusal.None },
        { s_class with { Code = s_class.Code with { ExpiresAt = s_now } }, false, false, JoinRefusal.Expired },
        { s_class with { Code = s_class.Code with { ExpiresAt = s_now.AddSeconds(1) } }, false, false, JoinRefusal.None },
        { s_class with { Code = s_class.Code with { MaxUses = 3, Uses = 3 } }, false, false, JoinRefusal.UsedUp },
        { s_class with { Opens = s_now.AddSeconds(1) }, false, false, JoinRefusal.NotYet },
        { s_class with { Closes = s_now }, false, false, JoinRefusal.Over },
        { s_class with { Ended = s_now }, true, false, JoinRefusal.Over },
    };

    [Theory]
    [MemberData(nameof(Attempts))]
    public void Who_may_join_is_decided_by_the_class(Class one, bool member, bool guest, JoinRefusal refusal) =>
        Assert.Equal(refusal, JoinPolicy.Decide(one, member, guest, s_now));

    /// <summary>Holder, scopes of their token (null: by sign-in), who asks as a member; then may manage, may read.</summary>
    public static TheoryData<string, bool, string[]?, string?, bool, bool> Holders() => new()
    {
        { "grace", false, null, "grace", true, true },
        { "ada", false, null, "ada", false, true },
        { "ada", false, null, null, false, false },
        { "mallory", false, null, null, false, false },
        { "root", true, null, null, true, true },
        { "grace", false, ["read:classes!user"], "grace", false, true },
        { "grace", false, ["read:users!user"], "grace", false, false },
        { "grace", false, ["classes"], "grace", true, true },
        { "grace", false, ["inherit"], "grace", true, true },
        { "ada", false, ["classes"], "ada", false, true },
        { "root", true, ["classes!class=7"], null, true, true },
        { "root", true, ["classes!class=8"], null, false, false },
        { "root", true, ["classes!class=77"], null, false, false },
        { "root", true, ["read:classes!class=7"], null, false, true },
        { "root", true, ["classes!user=grace"], null, true, true },
        { "root", true, ["classes!user=ada"], null, false, false },
        { "root", true, ["admin:users"], null, false, false },
        { "mallory", false, ["classes!class=7"], null, false, false },
        { "mallory", false, ["classes!user=grace"], null, false, false },
    };

    [Theory]
    [MemberData(nameof(Holders))]
    public void A_class_is_managed_by_its_teachers_and_admins_and_read_by_its_members(
        string holder, bool admin, string[]? token, string? member, bool manage, bool read)
    {
        ScopeSet scopes = ScopeSet.OfUser(holder, admin);
        if (token is not null)
            scopes = ScopeSet.OfToken(token, scopes, new ScopeOwner(holder));
        Assert.Equal(manage, ClassPolicy.MayManage(scopes, s_class));
        Assert.Equal(read, ClassPolicy.MayRead(scopes, s_class, member));
    }

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(false, false, true, true)]
    [InlineData(false, true, true, false)]
    [InlineData(true, false, false, true)]
    public void Classes_are_made_by_admins_or_where_it_is_so_set_by_everybody_with_an_account(bool admin, bool guest, bool anybody, bool may) =>
        Assert.Equal(may, ClassPolicy.MayCreate(ScopeSet.OfUser("ada", admin), "ada", guest, anybody));

    [Theory]
    [InlineData("classes!class=7", true)]
    [InlineData("classes!class=", false)]
    [InlineData("classes!class=physics", false)]
    [InlineData("classes!class=-1", false)]
    public void The_class_filter_takes_a_number(string scope, bool good) => Assert.Equal(good, ScopeSet.TryParse([scope], new ScopeOwner("ada"), out _, out _));

    [Fact]
    public void Limits_only_ever_lower()
    {
        ResourceLimits limits = new(MemoryBytes: 1000, Cpus: null, Processes: 5);
        Assert.Equal(limits with { MemoryBytes = 500, Cpus = 2 }, new ClassLimits(3, 500, 2).Lower(limits));
        Assert.Equal(limits, new ClassLimits(MemoryBytes: 2000).Lower(limits));
        Assert.Equal(limits, new ClassLimits().Lower(limits));
    }

    [Theory]
    [InlineData("Intro to Python", "Intro-to-Python")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("Übung 3: Größen", "Übung-3-Größen")]
    [InlineData("...", "class")]
    [InlineData("<script>", "script")]
    public void A_folder_name_is_one_harmless_name(string name, string folder) => Assert.Equal(folder, FolderName.Of(name));
}
