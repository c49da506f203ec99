namespace Hub.Kernels;

/// <summary>That the hub is about to stop a kernel.</summary>
/// <param name="Cause"><c>idle</c> or <c>longest_run</c>.</param>
/// <param name="EndsAt">When.</param>
/// <param name="Message">For people.</param>
/// <param name="KeepSeconds">For how long it is kept when somebody asks for it (<c>POST api/kernels/{id}/keep</c>); 0 when it cannot be.</param>
public sealed record KernelEndingModel(string Cause, string EndsAt, string Message, int KeepSeconds);
