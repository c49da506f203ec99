namespace Hub.Admin;

/// <summary>What a panel looks at.</summary>
internal enum AdminView
{
    /// <summary>The navigation alone, which every view has.</summary>
    Navigation,
    Overview,
    Kernels,
    Servers,
    Environments,

    /// <summary>The wall of one class.</summary>
    Wall,
}
