using Xunit;

namespace Hub.Tests.Architecture;

/// <summary>Types that decide do nothing else: no task, no clock, no logger, no input or output.</summary>
public sealed class PurityTests
{
    private static readonly string[] s_pureSuffixes = ["State", "Event", "Effect", "Plan", "Codec", "Policy"];

    private static readonly string[] s_impureNamespaces =
    [
        "System.Threading.Tasks", "System.IO", "System.Net.Sockets", "System.Net.Http", "System.Diagnostics", "Microsoft.Extensions.Logging",
        "System.Threading.Channels", "Microsoft.AspNetCore",
    ];

    // In these namespaces, but without an effect: exceptions, in-memory text, buffers, debugger attributes.
    private static readonly string[] s_harmless =
    [
        "InvalidDataException", "EndOfStreamException", "UnreachableException", "StackTraceHiddenAttribute", "DebuggerDisplayAttribute", "StringWriter",
        "TextWriter", "Path", "UnixFileMode", "DebuggerBrowsableState", "Debug",
    ];

    public static TheoryData<string> PureTypes() =>
        new(Types().Select(type => type.FullName!).Distinct().Order());

    [Theory]
    [MemberData(nameof(PureTypes))]
    public void A_type_that_decides_has_no_effect(string name)
    {
        IEnumerable<string> impure =
            from type in Types()
            where type.FullName == name
            from part in type.Assembly.GetTypes()
            where UsedTypes.Outermost(part) == type
            from used in UsedTypes.Of(part)
            where used == typeof(TimeProvider) || IsImpure(used)
            select $"{part.Name} uses {used.FullName}";
        Assert.Empty(impure.Distinct());
    }

    private static bool IsImpure(Type used) =>
        used.Namespace is { } space
        && s_impureNamespaces.Any(impure => space == impure || space.StartsWith(impure + ".", StringComparison.Ordinal))
        && !s_harmless.Contains(used.Name);

    private static IEnumerable<Type> Types() =>
        from assembly in new[] { typeof(HubApplication).Assembly, typeof(Wire.Jupyter.KernelMessage).Assembly, typeof(global::Spawner.ISpawner).Assembly }
        from type in assembly.GetTypes()
        where !type.IsNested && !type.IsEnum && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true
        where s_pureSuffixes.Any(suffix => type.Name.EndsWith(suffix, StringComparison.Ordinal))
        select type;
}
