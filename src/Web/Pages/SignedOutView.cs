namespace Web.Pages;

/// <summary>Says that signing out worked, and what keeps running.</summary>
/// <param name="KernelsRunning">How many kernels of the person go on without them.</param>
public sealed record SignedOutView(PageFrame Frame, int KernelsRunning = 0);
