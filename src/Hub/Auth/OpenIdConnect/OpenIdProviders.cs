using Microsoft.Extensions.Options;

namespace Hub.Auth.OpenIdConnect;

/// <summary>The providers of this hub in the order of the sign-in page, each with the client that talks to it. None is spoken to before somebody needs it.</summary>
public sealed class OpenIdProviders : IDisposable
{
    /// <summary>It is drawn into every sign-in page.</summary>
    private const int LongestIcon = 64 * 1024;

    private readonly Dictionary<string, OpenIdClient> _clients;

    /// <exception cref="OptionsValidationException">An icon cannot be read.</exception>
    public OpenIdProviders(IOptions<AuthOptions> options, TimeProvider time, ILogger<OpenIdClient> logger)
    {
        All = [.. options.Value.OpenId.OrderBy(one => one.Value.Order).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => new OpenIdProvider(one.Key, one.Value, IconOf(one.Key, one.Value.Icon)))];
        _clients = All.ToDictionary(provider => provider.Name, provider => new OpenIdClient(provider, time, logger), StringComparer.Ordinal);
    }

    public IReadOnlyList<OpenIdProvider> All { get; }

    /// <summary>The client of the provider of this name; null when there is none.</summary>
    public OpenIdClient? Find(string name) => _clients.GetValueOrDefault(name);

    public void Dispose()
    {
        foreach (OpenIdClient client in _clients.Values)
            client.Dispose();
    }

    private static string? IconOf(string name, string icon)
    {
        if (icon.Length == 0 || icon.StartsWith("data:image/", StringComparison.Ordinal))
            return icon.Length is 0 or > LongestIcon * 2 ? null : icon;
        string kind = Path.GetExtension(icon).ToLowerInvariant() switch
        {
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            _ => throw Wrong(name, "must be a data:image/… address or a .svg or .png file"),
        };
        try
        {
            byte[] bytes = File.ReadAllBytes(icon);
            return bytes.Length <= LongestIcon ? $"data:{kind};base64,{Convert.ToBase64String(bytes)}" : throw Wrong(name, $"is longer than {LongestIcon} bytes");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Wrong(name, "cannot be read: " + unreadable.Message);
        }
    }

    private static OptionsValidationException Wrong(string name, string what) => new("", typeof(AuthOptions), [$"Auth:OpenId:{name}:Icon {what}"]);
}
