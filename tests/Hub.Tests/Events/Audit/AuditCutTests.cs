using System.Text.Json.Nodes;
using Dapper;
using Hub.Events;
using Hub.Events.Audit;
using Hub.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Testing;
using Xunit;

namespace Hub.Tests.Events.Audit;

/// <summary>Old records go, and the chain still proves that nobody else took any.</summary>
public sealed class AuditCutTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly string _data = Directory.CreateTempSubdirectory("hub-audit-cut-").FullName;
    private HubFixture _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await HubFixture.StartAsync(
        ["Audit:KeepDays=10", "Logging:LogLevel:Default=None"], services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(_time)), _data);

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task What_is_older_than_is_kept_goes_by_itself_and_the_rest_can_be_verified()
    {
        await PublishAsync(5, _time.GetUtcNow());
        await PublishAsync(5, _time.GetUtcNow() + TimeSpan.FromDays(9));
        await Eventually.Holds(async () => (await AllAsync()).Count == 11);
        string noted = Noted((await VerifyAsync()).Said);
        string early = $"2:{(await AllAsync())[1].Hash}";
        _time.Advance(TimeSpan.FromDays(11));
        await Eventually.Holds(async () => (await AllAsync())[0].Number == 7);
        IReadOnlyList<AuditRecord> left = await AllAsync();
        Assert.Equal([.. Enumerable.Repeat("sign-in", 5), "cut"], left.Select(record => record.Kind));
        JsonNode detail = JsonNode.Parse(left[^1].Detail)!;
        Assert.Equal(6, detail["through"]!.GetValue<long>());
        Assert.Equal(6, detail["records"]!.GetValue<long>());
        Assert.Equal(left[0].Previous, detail["hash"]!.GetValue<string>());
        (int code, string said) = await VerifyAsync();
        Assert.Equal(0, code);
        Assert.Contains("those up to 6 were removed after Audit:KeepDays", said, StringComparison.Ordinal);
        Assert.Equal(0, (await VerifyAsync(noted)).Code);
        (code, said) = await VerifyAsync(early);
        Assert.Equal(1, code);
        Assert.Contains("record 2 was removed after Audit:KeepDays", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_in_pieces_and_one_cut_after_another_stay_verifiable()
    {
        await PublishAsync(20, DateTimeOffset.UnixEpoch);
        await Eventually.Holds(async () => (await AllAsync()).Count == 21);
        AuditStore store = _hub.Services.GetRequiredService<AuditStore>();
        DateTimeOffset now = _time.GetUtcNow();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(4, await store.CutAsync(now + TimeSpan.FromDays(1), now, 4, default));
            Assert.Null((await store.VerifyAsync(default)).Problem);
        }
        while (await store.CutAsync(now, now, 7, default) > 0)
            Assert.Null((await store.VerifyAsync(default)).Problem);
        AuditVerdict verdict = await store.VerifyAsync(default);
        Assert.Null(verdict.Problem);
        Assert.NotEqual(0, verdict.CutThrough);
    }

    [Fact]
    public async Task Who_can_write_into_the_database_only_cannot_pretend_that_the_hub_cut_it()
    {
        await PublishAsync(5, _time.GetUtcNow());
        await Eventually.Holds(async () => (await AllAsync()).Count == 6);
        IReadOnlyList<AuditRecord> all = await AllAsync();
        AuditStore store = _hub.Services.GetRequiredService<AuditStore>();
        string right = _hub.Services.GetRequiredService<AuditSeal>().Of(2, all[1].Hash);
        foreach ((long through, string seal) in new[] { (3L, right), (3L, "forged"), (2L, right) })
        {
            HubDatabase database = _hub.Services.GetRequiredService<HubDatabase>();
            await database.WriteAsync((connection, transaction) => connection.ExecuteAsync("DELETE FROM audit WHERE number <= 3;", transaction: transaction), default);
            await store.AppendAsync([AuditEntry.OfHub(_time.GetUtcNow(), "cut", ("through", through), ("hash", all[(int)through - 1].Hash), ("records", 3), ("seal", seal))], default);
            Assert.Contains("begins with record 4", (await store.VerifyAsync(default)).Problem, StringComparison.Ordinal);
        }
    }

    private async Task PublishAsync(int count, DateTimeOffset at)
    {
        for (int i = 0; i < count; i++)
            await _hub.Services.GetRequiredService<EventStream>().PublishAsync(new HubEvent.SignedIn(at, $"user{i}"));
    }

    private Task<IReadOnlyList<AuditRecord>> AllAsync() => _hub.Services.GetRequiredService<AuditStore>().ListAsync(new AuditQuery { Limit = 1000 }, default);

    private static string Noted(string said) => said.Split("the last is ")[1].Trim();

    private async Task<(int Code, string Said)> VerifyAsync(params string[] expected)
    {
        StringWriter output = new();
        int code = await AuditCommand.RunAsync(["verify", .. expected, "--data", _data, .. await HubFixture.DatabaseOfAsync(_data)], output, default);
        return (code, output.ToString());
    }
}
