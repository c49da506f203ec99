namespace Hub.KernelSpecs;

/// <summary>Whoever knows a better default than the hub's for some user, such as the environment of their class.</summary>
public interface IUserEnvironment
{
    /// <summary>Name of the kernelspec that <paramref name="userName"/>'s notebooks start with; null when there is nothing to say.</summary>
    Task<string?> FindAsync(string userName, CancellationToken cancellationToken);
}
