namespace Web.Pages;

/// <summary>One live kernel on the home page.</summary>
/// <param name="Title">What the kernelspec calls itself, such as "Python 3".</param>
/// <param name="Path">The notebook it belongs to, relative to the home; empty for a kernel without one.</param>
/// <param name="State">The execution state as on the wire: starting, idle, busy, restarting, dead.</param>
/// <param name="Tabs">Sockets open to it.</param>
/// <param name="OpenUrl">Opens its notebook; null when there is none.</param>
/// <param name="StopAction">Where the stop button's form posts <c>_xsrf</c>.</param>
public sealed record RunningKernel(
    string Id, string Title, string Path, string State, int Tabs, DateTimeOffset LastActivity, string? OpenUrl, string StopAction)
{
    /// <summary>The named server it runs for; empty for the default one.</summary>
    public string Server { get; init; } = "";
}
