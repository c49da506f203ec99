using FsCheck.Fluent;
using Hub.Events;
using Hub.Events.Audit;
using Xunit;

namespace Hub.Tests.Events.Audit;

/// <summary>The chain as pure text and hashes.</summary>
public sealed class AuditCodecTests
{
    private static readonly AuditRecord s_first = AuditCodec.Append(new(DateTimeOffset.UnixEpoch.AddMilliseconds(1), "sign-in", "ada", "ada", "{}"), 0, AuditCodec.Beginning);
    private static readonly AuditRecord s_second = AuditCodec.Append(new(DateTimeOffset.UnixEpoch.AddMilliseconds(2), "sign-out", "ada", "ada", "{}"), s_first.Number, s_first.Hash);

    /// <summary>sha256("0"×64 + "\n" + [1,1000,"sign-in","ada","ada","{}"]), made elsewhere: the form is a promise to whoever checks an export.</summary>
    [Fact]
    public void The_hash_is_what_is_documented() => Assert.Equal("b166efd91b0b5b3d3345e2c2ad34a432387e977d44d20b643f66c2533791f3dc", s_first.Hash);

    [Fact]
    public void A_chain_that_nobody_touched_is_whole()
    {
        Assert.Null(AuditCodec.Problem(null, s_first));
        Assert.Null(AuditCodec.Problem(s_first, s_second));
    }

    [Fact]
    public void Whatever_is_changed_is_noticed()
    {
        AuditRecord[] changed =
        [
            s_second with { At = 5 }, s_second with { Kind = "sign-in" }, s_second with { By = "eve" }, s_second with { User = "eve" }, s_second with { Detail = """{"a":1}""" },
            s_second with { Previous = AuditCodec.Beginning }, s_second with { Hash = s_first.Hash }, s_second with { Number = 3 }, Rewritten(s_second with { Previous = new string('1', 64) }),
        ];
        Assert.All(changed, record => Assert.NotNull(AuditCodec.Problem(s_first, record)));
        Assert.NotNull(AuditCodec.Problem(Rewritten(s_first with { By = "eve" }), s_second));
        Assert.NotNull(AuditCodec.Problem(null, s_second));
        Assert.NotNull(AuditCodec.Problem(null, Rewritten(s_second with { Number = 1 })));
    }

    [Fact]
    public void Two_records_that_differ_have_different_hashes_wherever_the_text_stands() => FsCheck.Check.QuickThrowOnFailure(
        Prop.ForAll<string, string>((one, other) => (one is null || other is null) || one == other || char.IsSurrogate((one + other + "a")[0]) || Lone(one) || Lone(other)
            || AuditCodec.HashOf(s_first with { By = one, User = other }) != AuditCodec.HashOf(s_first with { By = other, User = one })));

    [Fact]
    public void Everything_that_concerns_rights_is_audited_and_progress_is_not()
    {
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        Assert.Null(AuditEntry.Of(new HubEvent.KernelStarting(now, "ada", "k", "python3", "secret.ipynb", 10, "…")));
        AuditEntry changed = AuditEntry.Of(new HubEvent.UserChanged(now, "ada", null, true, null) { By = "admin" })!;
        Assert.Equal(("user-changed", "admin", "ada", """{"admin":true}"""), (changed.Kind, changed.By, changed.User, changed.Detail));
        Assert.DoesNotContain("secret", AuditEntry.Of(new HubEvent.KernelReady(now, "ada", "k", "python3", "secret.ipynb"))!.Detail, StringComparison.Ordinal);
    }

    private static AuditRecord Rewritten(AuditRecord record) => record with { Hash = AuditCodec.HashOf(record) };

    /// <summary>Half a character has no UTF-8.</summary>
    private static bool Lone(string text) => text.Any(char.IsSurrogate);
}
