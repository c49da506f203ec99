namespace Web.Pages;

/// <summary>A page of the administrators' and teachers' panel.</summary>
/// <param name="Page">Which: overview, classes, wall, servers, kernels, users, events or settings.</param>
/// <param name="Table">What it shows when no scripts run.</param>
/// <param name="Script">Address of the script that keeps it live; null when it was not built.</param>
/// <param name="Scopes">What the reader holds, separated by spaces, so that the page offers nothing that would be refused.</param>
/// <param name="Views">Where the reader may go in the panel.</param>
/// <param name="Item">What the page is about, such as the id of a class; empty for lists.</param>
public sealed record AdminPageView(
    PageFrame Frame, string Page, string Title, AdminTable Table, string? Script, string Scopes, IReadOnlyList<AdminTab> Views, string Item = "");
