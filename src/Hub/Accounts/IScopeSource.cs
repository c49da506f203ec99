namespace Hub.Accounts;

/// <summary>Whoever gives people scopes beyond their roles, as a class does to its teachers. Asked at every request, so it must be quick.</summary>
public interface IScopeSource
{
    /// <summary>Scopes as they are written in a role, such as <c>read:servers!group=physics</c>; empty for nothing. What is no scope is left out.</summary>
    Task<IReadOnlyList<string>> ScopesOfAsync(long userId, string userName, CancellationToken cancellationToken);
}
