namespace Spawner;

/// <summary>The home as a kernel sees it: <c>/home/{user}</c>, with what a path or a shell would stumble over replaced.</summary>
internal static class UserHome
{
    private const int MaxNameLength = 64;

    public static string PathFor(string userName) => "/home/" + NameFor(userName);

    /// <summary>One harmless path segment. Two users may share one: they never share a container.</summary>
    public static string NameFor(string userName)
    {
        string name = string.Concat(userName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@' or '+' ? c : '_'));
        if (name.Length > MaxNameLength) name = name[..MaxNameLength];
        return name.Length == 0 || name[0] is '.' or '-' ? "_" + name : name;
    }
}
