namespace Spawner.Tests.Docker.Internet;

/// <summary>An engine of the tests' own that may make bridges and write rules: it lives in a network made by the test, where both are nobody else's.</summary>
public sealed class BridgedEngine : OwnEngine
{
    public OwnNetworks Networks { get; private set; } = null!;

    public StandIns World { get; private set; } = null!;

    protected override string Enter => $"nsenter --net=/run/netns/{Networks.Machine} ";

    protected override string Reach => "--bridge=none --default-address-pool=base=172.20.0.0/14,size=24";

    public override async ValueTask InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess) return;
        Networks = await OwnNetworks.MakeAsync();
        World = new StandIns(Networks);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (World is not null) await World.DisposeAsync();
        if (Networks is not null) await Networks.DisposeAsync();
    }
}
