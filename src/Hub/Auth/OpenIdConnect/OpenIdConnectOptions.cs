using Microsoft.AspNetCore.Authentication;

namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// What <see cref="OpenIdConnectHandler"/> needs beyond what every remote handler has. With the handler it is all that Microsoft's package would take the
/// place of; see docs/decisions/0008-own-openid-connect.md.
/// </summary>
public sealed class OpenIdConnectOptions : RemoteAuthenticationOptions
{
    /// <summary>Talks to the provider; knows authority, client, keys and limits.</summary>
    public OpenIdClient? Client { get; set; }

    /// <summary>Seals what goes to the provider as <c>state</c> and comes back.</summary>
    public ISecureDataFormat<AuthenticationProperties>? StateDataFormat { get; set; }

    /// <summary>Says whether something is seen for the first time, and remembers it until the moment given.</summary>
    public Func<string, DateTimeOffset, CancellationToken, Task<bool>> IsFirstUse { get; set; } = (_, _, _) => Task.FromResult(true);
}
