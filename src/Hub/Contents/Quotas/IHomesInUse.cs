namespace Hub.Contents.Quotas;

/// <summary>Who knows of something that writes into homes without asking the hub.</summary>
public interface IHomesInUse
{
    /// <summary>Names of the users in whose homes something is at work now. Cheap; asked every second.</summary>
    IReadOnlySet<string> Users();

    /// <summary>Stops what is at work in a user's home; returns when it is stopped. Nothing happens where nothing is.</summary>
    /// <param name="cause">One word for programs, such as <c>home_full</c>.</param>
    /// <param name="message">For the user.</param>
    Task StopAsync(string userName, string cause, string message);
}
