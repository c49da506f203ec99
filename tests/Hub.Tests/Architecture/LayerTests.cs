using System.Reflection;
using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>Who may use whom: the hub and its spokes, the rooms in their order, the edge, the database.</summary>
public sealed class LayerTests
{
    private static readonly Assembly s_hub = typeof(HubApplication).Assembly;
    private static readonly Assembly s_wire = typeof(Wire.Jupyter.KernelMessage).Assembly;
    private static readonly Assembly s_spawner = typeof(global::Spawner.ISpawner).Assembly;
    private static readonly Assembly s_web = Assembly.Load("Web");
    private static readonly string[] s_edgeSuffixes = ["Api", "Pages", "Socket", "Handler", "Middleware"];

    [Fact]
    public void Wire_needs_nothing_but_the_base_library() =>
        Assert.Empty(References(s_wire).Where(name => !IsBaseLibrary(name)));

    [Fact]
    public void Spawner_needs_nothing_but_the_base_library_and_extensions() =>
        Assert.Empty(References(s_spawner).Where(name => !IsBaseLibrary(name) && !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)));

    [Fact]
    public void Web_knows_nobody_of_ours() =>
        Assert.Empty(References(s_web).Intersect(["Hub", "Wire", "Spawner"]));

    [Fact]
    public void A_room_uses_only_the_rooms_above_it() =>
        Assert.Empty(
            from pair in HubTypes()
            let room = Rooms.Of(pair.Written)
            where room is not null
            from used in pair.Used
            let other = Rooms.Of(UsedTypes.Outermost(used))
            where other is not null && Rooms.Rank(other) > Rooms.Rank(room)
            select $"{pair.Written.FullName} ({room}) uses {used.FullName} ({other})");

    [Fact]
    public void Every_type_of_the_hub_lives_in_a_room_or_is_the_table_of_contents() =>
        Assert.Empty(
            from type in s_hub.GetTypes()
            where type is { IsNested: false, Namespace: { } name } && name.StartsWith("Hub.", StringComparison.Ordinal) && Rooms.Of(type) is null
            select type.FullName);

    [Fact]
    public void Only_the_edge_touches_requests() =>
        Assert.Empty(
            (from pair in HubTypes()
             let room = Rooms.Of(pair.Written)
             where room is not null and not "Http" && pair.Written != typeof(Hub.Admin.AdminFeed) && !s_edgeSuffixes.Any(suffix => pair.Written.Name.EndsWith(suffix, StringComparison.Ordinal))
             from used in pair.Used
             where used.Namespace is { } name && name.StartsWith("Microsoft.AspNetCore.Http", StringComparison.Ordinal)
             select $"{pair.Written.FullName} uses {used.FullName}").Distinct());

    [Fact]
    public void Only_stores_touch_the_database() =>
        Assert.Empty(
            (from pair in HubTypes()
             where Rooms.Of(pair.Written) is not "Storage" && !pair.Written.Name.EndsWith("Store", StringComparison.Ordinal)
             from used in pair.Used
             where used.Namespace is "Dapper" or "System.Data" or "System.Data.Common" || used.Namespace?.StartsWith("Microsoft.Data", StringComparison.Ordinal) == true
             select $"{pair.Written.FullName} uses {used.FullName}").Distinct());

    private static IEnumerable<(Type Written, HashSet<Type> Used)> HubTypes() =>
        from type in s_hub.GetTypes()
        where type.Namespace?.StartsWith("Hub", StringComparison.Ordinal) == true
        select (UsedTypes.Outermost(type), UsedTypes.Of(type));

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static bool IsBaseLibrary(string name) =>
        name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard" or "mscorlib" or "Microsoft.Win32.Primitives";
}
