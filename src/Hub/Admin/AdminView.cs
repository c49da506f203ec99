namespace Hub.Admin;

/// <summary>What a panel looks at.</summary>
internal enum AdminView
{
    Overview,
    Kernels,
    Servers,

    /// <summary>The wall of one class.</summary>
    Wall,
}
