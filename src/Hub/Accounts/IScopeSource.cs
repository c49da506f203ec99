namespace Hub.Accounts;

/// <summary>Whoever gives people scopes beyond their roles, as a class does to its teachers. Asked at every request, so it must be quick.</summary>
public interface IScopeSource
{
    /// <summary>Does what it gives anybody depend on who is in which group? Then who comes into a group or leaves it ends what they have open.</summary>
    bool DependsOnGroups => false;

    /// <summary>Scopes as they are written in a role, such as <c>read:servers!group=physics</c>; empty for nothing. What is no scope is left out.</summary>
    Task<IReadOnlyList<string>> ScopesOfAsync(long userId, string userName, CancellationToken cancellationToken);
}
