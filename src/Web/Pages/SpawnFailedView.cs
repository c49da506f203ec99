namespace Web.Pages;

/// <summary>A kernel or server that did not start: the cause, and what to try.</summary>
/// <param name="Name">What should have started, such as "Python 3".</param>
/// <param name="Cause">What stopped it, in a sentence: image missing, out of memory, timeout.</param>
/// <param name="Tries">What to try, the easiest first.</param>
/// <param name="RetryAction">Where the button that tries again posts <c>_xsrf</c>.</param>
/// <param name="Log">The last lines the start wrote, for whoever is asked for help; may be empty.</param>
public sealed record SpawnFailedView(
    PageFrame Frame, string Name, string Cause, IReadOnlyList<string> Tries, string RetryAction, IReadOnlyList<string> Log);
