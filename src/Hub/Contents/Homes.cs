namespace Hub.Contents;

/// <summary>Finds, and on first use makes, the home of a user.</summary>
public sealed class Homes
{
    /// <summary>The home of <paramref name="userName"/>, made with its owner and mode if it was not there.</summary>
    public HomeDirectory Open(long userId, string userName) => throw new NotImplementedException();
}
