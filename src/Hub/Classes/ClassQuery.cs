namespace Hub.Classes;

/// <summary>Which classes to list.</summary>
/// <param name="MemberId">Those this user is in or teaches; null for all.</param>
public sealed record ClassQuery(long? MemberId, int Offset = 0, int Limit = 50);
