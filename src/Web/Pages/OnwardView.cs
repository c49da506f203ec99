namespace Web.Pages;

/// <summary>Leads on to another site, by itself or by a link: a form may not lead there.</summary>
/// <param name="Where">What the other site is called.</param>
public sealed record OnwardView(PageFrame Frame, string Where, string Url);
