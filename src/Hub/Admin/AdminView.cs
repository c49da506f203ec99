namespace Hub.Admin;

/// <summary>What a panel looks at.</summary>
internal enum AdminView
{
    Overview,
    Kernels,
}
