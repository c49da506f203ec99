namespace Hub.Accounts;

/// <summary>What a list of users can be sorted by.</summary>
public enum UserOrder
{
    Id,
    Name,
    LastActivity,
}
