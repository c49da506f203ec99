using System.Text.Json;
using Hub.Events;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Lab;
using Xunit;

namespace Hub.Tests.Contents.Quotas;

public sealed class HomeNewsTests
{
    private static readonly HubEvent.HomeUsage s_full = new(DateTimeOffset.UnixEpoch, "ada", 1001, 1000, "full", "nearly");

    [Fact]
    public void Pages_of_all_servers_of_the_user_are_told_and_nobody_elses()
    {
        Assert.True(KernelNewsCodec.IsNewsFor(s_full, ServerKey.Default("ada")));
        Assert.True(KernelNewsCodec.IsNewsFor(s_full, new ServerKey("ada", "lab")));
        Assert.False(KernelNewsCodec.IsNewsFor(s_full, ServerKey.Default("bob")));
        JsonElement news = JsonDocument.Parse(KernelNewsCodec.Encode(s_full)!).RootElement;
        Assert.Equal(
            ("urn:notebook-hub:home-usage:v1", 1001, 1000, "full"),
            (news.GetProperty("schema_id").GetString(), news.GetProperty("used_bytes").GetInt64(), news.GetProperty("limit_bytes").GetInt64(), news.GetProperty("level").GetString()));
    }

    [Fact]
    public void The_audit_keeps_when_a_home_became_full_and_no_more()
    {
        AuditEntry kept = AuditEntry.Of(s_full)!;
        Assert.Equal(("home-full", "ada"), (kept.Kind, kept.User));
        Assert.Null(AuditEntry.Of(s_full with { Before = "full" }));
        Assert.Null(AuditEntry.Of(s_full with { Level = "nearly" }));
    }
}
