namespace Hub.Admin.Walls;

/// <summary>What became of one student when something was done for the whole class.</summary>
/// <param name="Result"><c>started</c>, <c>running</c> (it did already), <c>stopped</c>, <c>skipped</c> or <c>failed</c>.</param>
/// <param name="Path">The notebook the kernel is tied to; null when to none.</param>
/// <param name="Message">Why it failed or was skipped, for people; null otherwise.</param>
internal sealed record StudentResult(string Name, string Result, string? Path = null, string? Message = null);
