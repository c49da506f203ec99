namespace Hub.Http;

/// <summary>Where a request came from.</summary>
public static class RemoteAddress
{
    /// <summary>As people write it: behind a trusted proxy the one it names, IPv4 in its own form; empty when there is none.</summary>
    public static string GetAddress(this HttpContext context) =>
        context.Connection.RemoteIpAddress is not { } address ? "" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
}
