namespace Web.Pages;

/// <summary>Asks somebody whether a service may act for them; posts the fields, <c>_xsrf</c> and <c>decision</c> (<c>allow</c> or <c>deny</c>).</summary>
/// <param name="Service">What the service is called.</param>
/// <param name="Where">Host the person is sent back to.</param>
/// <param name="Scopes">What the service may do then, a sentence each.</param>
/// <param name="Fields">Sent along unseen.</param>
public sealed record ConsentView(
    PageFrame Frame, string Action, string Service, string Where, IReadOnlyList<string> Scopes, IReadOnlyDictionary<string, string> Fields);
