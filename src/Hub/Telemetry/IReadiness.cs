namespace Hub.Telemetry;

/// <summary>Something the hub needs before it may be sent people: asked by <c>/health/ready</c>.</summary>
public interface IReadiness
{
    /// <summary>What is missing, in a few words for an operator; null when all is well.</summary>
    Task<string?> FindProblemAsync(CancellationToken cancellationToken);
}
