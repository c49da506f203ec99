namespace Hub.Kernels.Culling;

/// <summary>What is seen of a kernel at one look.</summary>
/// <param name="Now">The time of day, for people.</param>
/// <param name="Elapsed">Time that only goes on, whatever happens to the clock: nothing is stopped early because somebody set it.</param>
/// <param name="IsBusy">A cell runs, waits, or waits for somebody's input.</param>
/// <param name="Unused">Since when nothing came from it or from any of its tabs.</param>
/// <param name="Ran">For how long its process has run.</param>
/// <param name="KeptFor">For how much longer somebody wants it kept; zero or less when nobody does.</param>
public sealed record KernelUse(DateTimeOffset Now, TimeSpan Elapsed, bool IsBusy, TimeSpan Unused, TimeSpan Ran, TimeSpan KeptFor);
