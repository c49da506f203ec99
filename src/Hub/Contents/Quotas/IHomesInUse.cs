namespace Hub.Contents.Quotas;

/// <summary>Who knows of something that writes into homes without asking the hub.</summary>
public interface IHomesInUse
{
    /// <summary>Names of the users in whose homes something is at work now. Cheap; asked every second.</summary>
    IReadOnlySet<string> Users();
}
