namespace Hub.Contents;

/// <summary><c>files/</c> and <c>view/</c> of a user's server: the bytes as they are.</summary>
public static class FilesApi
{
    public static void Map(RouteGroupBuilder userServer)
    {
    }
}
