namespace Hub.Admin;

/// <summary>A kernel that could not be started, or ended without being asked to.</summary>
/// <param name="Kind"><c>start</c> or <c>died</c>.</param>
/// <param name="Cause">One word, as the audit has it.</param>
/// <param name="Message">Cause and remedy as its user read them.</param>
public sealed record KernelFailure(DateTimeOffset At, string User, string Path, string Kind, string Cause, string Message);
