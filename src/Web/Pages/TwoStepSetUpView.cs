namespace Web.Pages;

/// <summary>Turning two-step sign-in on: posts <c>code</c>, <c>offer</c>, <c>ticket</c> and <c>_xsrf</c>.</summary>
/// <param name="Action">Where the form goes.</param>
/// <param name="Offer">The secret, sealed.</param>
/// <param name="Secret">The secret as text, for who cannot scan.</param>
/// <param name="Picture">The secret as a QR code, a <c>data:</c> address; null when it does not fit into one.</param>
/// <param name="Error">Why the last attempt failed, in a sentence.</param>
public sealed record TwoStepSetUpView(PageFrame Frame, string Action, string Offer, string Secret, string? Picture, string? Error = null)
{
    /// <summary>On the way of signing in: says that the password was right; null for who is signed in.</summary>
    public string? Ticket { get; init; }
}
