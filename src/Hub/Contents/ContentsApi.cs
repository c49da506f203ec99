namespace Hub.Contents;

/// <summary><c>api/contents</c> of a user's server.</summary>
public static class ContentsApi
{
    /// <summary>Maps everything below <c>/user/{user}/api/contents</c>.</summary>
    public static void Map(RouteGroupBuilder userServer)
    {
    }
}
