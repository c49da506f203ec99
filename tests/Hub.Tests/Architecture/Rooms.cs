namespace Hub.Tests.Architecture;

/// <summary>The rooms of the hub in their order: a room may use those above it, never those below.</summary>
internal static class Rooms
{
    public static readonly string[] InOrder =
    [
        "Http", "Storage", "Events", "Telemetry", "Accounts", "Auth", "KernelSpecs", "Contents", "Servers", "Classes",
        "Journal", "Kernels", "Sessions", "Documents", "Terminals", "Sharing", "Lab", "Admin", "Backup",
    ];

    /// <summary>In the order in which ranges of log ids were given: operators know the ids, so a room that moves keeps its range.</summary>
    public static readonly string[] ByLogRange =
    [
        "Http", "Storage", "Events", "Telemetry", "Accounts", "Classes", "Auth", "KernelSpecs", "Contents", "Servers",
        "Journal", "Kernels", "Sessions", "Documents", "Terminals", "Sharing", "Lab", "Admin", "Backup",
    ];

    /// <summary>The room a type lives in, or null for the table of contents and other assemblies.</summary>
    public static string? Of(Type type)
    {
        string? name = type.Namespace;
        if (name is null || !name.StartsWith("Hub.", StringComparison.Ordinal))
            return null;
        string room = name.Split('.')[1];
        return InOrder.Contains(room) ? room : null;
    }

    public static int Rank(string room) => Array.IndexOf(InOrder, room);
}
