namespace Web.Pages;

/// <summary>A named server of the person's own.</summary>
/// <param name="Title">What it is called on pages; mostly its name.</param>
/// <param name="State">running, stopping or stopped.</param>
/// <param name="OpenUrl">Opens JupyterLab in it; null while it does not run.</param>
/// <param name="StartAction">Where the button that starts and opens it posts; null where there is nothing to start.</param>
/// <param name="StopAction">Where the button that stops it posts; null where there is nothing to stop.</param>
/// <param name="DeleteAction">Where the button that forgets it posts; null while it runs.</param>
public sealed record ServerRow(
    string Name, string Title, string State, DateTimeOffset LastActivity, string? OpenUrl, string? StartAction, string? StopAction, string? DeleteAction);
