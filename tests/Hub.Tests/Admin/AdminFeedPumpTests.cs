using Hub.Accounts;
using Hub.Admin;
using Hub.Admin.Environments;
using Hub.Admin.Walls;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Testing;
using Xunit;

namespace Hub.Tests.Admin;

/// <summary>What a panel on a line that takes nothing costs: one message, once.</summary>
public sealed class AdminFeedPumpTests
{
    [Fact]
    public async Task A_panel_that_has_not_taken_the_last_push_is_left_out_until_it_has_and_then_told_the_latest_state()
    {
        await using HubFixture hub = await HubFixture.StartAsync();
        Panels panels = new();
        IOptions<AdminOptions> options = Options.Create(new AdminOptions());
        using AdminWatchers watchers = new(options);
        using AdminFeedPump pump = new(
            watchers, hub.Services.GetRequiredService<AdminSnapshots>(), hub.Services.GetRequiredService<AdminMeter>(), hub.Services.GetRequiredService<AdminReach>(), hub.Services.GetRequiredService<AdminSignUps>(), hub.Services.GetRequiredService<ClassWalls>(), hub.Services.GetRequiredService<EnvironmentRows>(), panels,
            TimeProvider.System, options, NullLogger<AdminFeedPump>.Instance);
        await pump.StartAsync(TestContext.Current.CancellationToken);
        watchers.Set(new AdminWatcher("deaf", ScopeSet.OfUser("admin", admin: true), AdminView.Overview));
        watchers.Set(new AdminWatcher("quick", ScopeSet.OfUser("admin", admin: true), AdminView.Overview));
        await Eventually.Holds(() => panels.Of("quick").Count >= 4, "four pushes to the panel that reads");
        DateTimeOffset first = Assert.Single(panels.Of("deaf")).At;

        panels.Deaf.SetResult();
        await Eventually.Holds(() => panels.Of("deaf").Count >= 2, "the deaf panel to be told again");
        Assert.True(panels.Of("deaf")[1].At - first > TimeSpan.FromSeconds(2), "it was told something old");
        await pump.StopAsync(CancellationToken.None);
    }

    /// <summary>Where the panel <c>deaf</c> takes nothing until it is let.</summary>
    private sealed class Panels : IHubContext<AdminFeed, IAdminClient>, IHubClients<IAdminClient>
    {
        private readonly Lock _gate = new();
        private readonly List<(string Connection, Overview Push)> _pushes = [];

        public TaskCompletionSource Deaf { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IHubClients<IAdminClient> Clients => this;

        public IGroupManager Groups => throw new NotSupportedException();

        public IAdminClient All => throw new NotSupportedException();

        public List<Overview> Of(string connection)
        {
            lock (_gate)
                return [.. _pushes.Where(push => push.Connection == connection).Select(push => push.Push)];
        }

        public IAdminClient Client(string connectionId) => new Panel(this, connectionId);

        public IAdminClient AllExcept(IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

        IAdminClient IHubClients<IAdminClient>.Clients(IReadOnlyList<string> connectionIds) => throw new NotSupportedException();

        public IAdminClient Group(string groupName) => throw new NotSupportedException();

        public IAdminClient GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

        IAdminClient IHubClients<IAdminClient>.Groups(IReadOnlyList<string> groupNames) => throw new NotSupportedException();

        public IAdminClient User(string userId) => throw new NotSupportedException();

        public IAdminClient Users(IReadOnlyList<string> userIds) => throw new NotSupportedException();

        private sealed class Panel(Panels panels, string connectionId) : IAdminClient
        {
            public Task Overview(Overview overview)
            {
                lock (panels._gate)
                    panels._pushes.Add((connectionId, overview));
                return connectionId == "deaf" ? panels.Deaf.Task : Task.CompletedTask;
            }

            public Task Kernels(RowChanges<KernelRow> changes) => throw new NotSupportedException();

            public Task Waiting(int signUps) => Task.CompletedTask;

            public Task Servers(RowChanges<ServerRow> changes) => throw new NotSupportedException();

            public Task Environments(RowChanges<EnvironmentRow> changes) => throw new NotSupportedException();

            public Task Wall(WallChanges changes) => throw new NotSupportedException();
        }
    }
}
