namespace Web.Pages;

/// <summary>The page that JupyterLab or Notebook draws itself into.</summary>
/// <param name="Title">The title until the application sets its own.</param>
/// <param name="ConfigJson">The page configuration as one JSON object; it is made safe for HTML here.</param>
/// <param name="StaticUrl">The folder of the bundle, ending in a slash.</param>
/// <param name="Files">Names within <paramref name="StaticUrl"/> as the bundle's manifest gives them.</param>
/// <param name="BodyData">The body's <c>data-*</c> attributes by the name after the dash, such as <c>notebook</c>.</param>
public sealed record LabView(
    PageFrame Frame, string Title, string ConfigJson, string StaticUrl, LabFiles Files, IReadOnlyDictionary<string, string> BodyData);
