namespace Web.Pages;

/// <summary>A page that says what happened: not found, forbidden, failure.</summary>
/// <param name="Title">Few words, such as "Page not found".</param>
/// <param name="What">What happened, in a sentence.</param>
/// <param name="Causes">Likely causes, the likeliest first; may be empty.</param>
/// <param name="Tries">What to try, the easiest first; may be empty.</param>
/// <param name="Links">Ways on; the first is drawn as the button.</param>
/// <param name="Status">The HTTP status, drawn small for whoever is asked for help; 0 leaves it out.</param>
/// <param name="Reference">What an operator finds in the log, such as the request's id.</param>
public sealed record MessageView(
    PageFrame Frame,
    string Title,
    string What,
    IReadOnlyList<string> Causes,
    IReadOnlyList<string> Tries,
    IReadOnlyList<PageLink> Links,
    int Status = 0,
    string? Reference = null)
{
    public static MessageView NotFound(PageFrame frame, string path) => new(
        frame,
        "Page not found",
        $"There is nothing at {path}.",
        ["The address was mistyped or cut short.", "The notebook was renamed, moved or deleted."],
        ["Look for it in the file list.", "Ask whoever sent the link for a new one."],
        [new PageLink("Go to your home page", frame.Home)],
        404);

    public static MessageView Forbidden(PageFrame frame, string what) => new(
        frame,
        "You cannot open this",
        what,
        ["It belongs to somebody else.", "You are signed in under another name than you think."],
        ["Sign out, and sign in under the right name.", "Ask its owner to share it with you."],
        [new PageLink("Go to your home page", frame.Home)],
        403);

    public static MessageView Failure(PageFrame frame, string what, string? reference) => new(
        frame,
        "Something went wrong",
        what,
        ["The hub met something it did not expect; the fault is not yours."],
        ["Try again in a moment.", "If it stays, tell the person who runs this hub, with the reference below."],
        [new PageLink("Go to your home page", frame.Home)],
        500,
        reference);
}
