using Hub.Accounts;
using Hub.Auth;

namespace Hub.Classes;

/// <summary>A temporary account that was just made, and its sign-in.</summary>
/// <param name="Secret">For the cookie; kept nowhere.</param>
public sealed record NewGuest(User User, string Secret, SignIn SignIn);
