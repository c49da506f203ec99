namespace Hub.Http;

/// <summary>Addresses below a user's server.</summary>
public static class UserUrl
{
    /// <summary><c>/user/{name}/</c>, percent-encoded, with a slash at its end.</summary>
    public static string Of(string userName) => $"/user/{Uri.EscapeDataString(userName)}/";

    /// <summary><c>/user/{name}/{server}/</c>; the default server's is that of the user.</summary>
    public static string Of(ServerKey server) => server.IsDefault ? Of(server.UserName) : $"{Of(server.UserName)}{Uri.EscapeDataString(server.Name)}/";

    /// <summary>A path below the user's server: each segment is encoded, the slashes stay.</summary>
    public static string Of(string userName, string path) => Of(userName) + EncodePath(path);

    /// <summary>A path below one of the user's servers.</summary>
    public static string Of(ServerKey server, string path) => Of(server) + EncodePath(path);

    /// <summary>Encodes each segment of <paramref name="path"/>.</summary>
    public static string EncodePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
