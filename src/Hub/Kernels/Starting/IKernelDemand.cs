namespace Hub.Kernels.Starting;

/// <summary>Whoever knows of kernels that will be wanted soon.</summary>
internal interface IKernelDemand
{
    /// <summary>How many kernels are to be ready beside what the kernelspecs say, by kernelspec. For one caller at a time.</summary>
    Task<IReadOnlyDictionary<string, int>> FindAsync(CancellationToken cancellationToken);
}
