namespace Hub.KernelSpecs;

/// <summary>What was found out about an environment, beside what is written about it.</summary>
/// <param name="Percent">Of a pull or build under way.</param>
/// <param name="Message">For people: the step of a pull or build, or what is wrong and what to do; empty when all is well.</param>
/// <param name="ImageId">Id of the image kernels start from; null where it is not known or there is none.</param>
/// <param name="TagId">Id of the image its tag stands for now; another than <paramref name="ImageId"/> where the tag has moved away from what is pinned.</param>
public sealed record EnvironmentState(EnvironmentPhase Phase, int Percent = 0, string Message = "", string? ImageId = null, string? TagId = null)
{
    public static readonly EnvironmentState Unknown = new(EnvironmentPhase.Unknown);

    public static readonly EnvironmentState Ready = new(EnvironmentPhase.Ready);

    /// <summary>The tag stands for another image than the one that is pinned.</summary>
    public bool HasMoved => ImageId is not null && TagId is not null && ImageId != TagId;
}
