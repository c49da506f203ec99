namespace Hub.Admin;

/// <summary>The scope a method of <see cref="AdminFeed"/> asks of whoever calls it, for anything at all; rows are then cut to what it reaches.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FeedScopeAttribute(string name) : Attribute
{
    public string Name => name;
}
