using Hub.Admin.Environments;
using Hub.Admin.Walls;

namespace Hub.Admin;

/// <summary>What a panel is told. Each is sent at most once in <c>Admin:PushEveryMilliseconds</c>, and not before the one before has left.</summary>
public interface IAdminClient
{
    Task Overview(Overview overview);

    Task Kernels(RowChanges<KernelRow> changes);

    Task Servers(RowChanges<ServerRow> changes);

    Task Environments(RowChanges<EnvironmentRow> changes);

    Task Wall(WallChanges changes);

    /// <summary>How many wait for approval; told to who may decide about them, whatever they look at.</summary>
    Task Waiting(int signUps);
}
