namespace Hub.Kernels;

/// <summary>A kernel could not be started.</summary>
/// <param name="cause">One word for programs: <c>image_missing</c>, <c>out_of_memory</c>, <c>timeout</c> …</param>
/// <param name="userMessage">What happened and what to try, for the person waiting.</param>
/// <param name="operatorMessage">What the operator needs beyond it.</param>
internal sealed class KernelStartException(string cause, string userMessage, string operatorMessage, Exception? inner = null) : Exception(operatorMessage, inner)
{
    public string Cause { get; } = cause;

    public string UserMessage { get; } = userMessage;
}
