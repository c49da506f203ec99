namespace Hub.Terminals;

/// <summary>A terminal could not be started.</summary>
/// <param name="cause">One word for programs.</param>
/// <param name="userMessage">For the person who wanted it: what happened and what to try.</param>
/// <param name="operatorMessage">For the log.</param>
internal sealed class TerminalStartException(string cause, string userMessage, string operatorMessage, Exception? inner = null) : Exception(operatorMessage, inner)
{
    public string Cause { get; } = cause;

    public string UserMessage { get; } = userMessage;
}
