namespace Web.Pages;

/// <summary>A person's first page: the way into the notebooks, and what runs for them now.</summary>
/// <param name="LabUrl">Opens JupyterLab.</param>
/// <param name="NotebookUrl">Opens the file list of the simpler Notebook pages.</param>
/// <param name="Kernels">What runs; the newest first.</param>
/// <param name="Now">The moment the page is drawn, from which "5 minutes ago" is counted.</param>
/// <param name="Notice">Something just done, such as "The kernel was stopped."; announced to screen readers.</param>
public sealed record HomeView(
    PageFrame Frame,
    string LabUrl,
    string NotebookUrl,
    IReadOnlyList<RunningKernel> Kernels,
    DateTimeOffset Now,
    string? Notice = null)
{
    /// <summary>What the person must know about the record of the cells they run; null when there is none.</summary>
    public string? CellNotice { get; init; }

    /// <summary>Classes the person is in or teaches.</summary>
    public IReadOnlyList<ClassSummary> Classes { get; init; } = [];

    /// <summary>What did not work; announced to screen readers.</summary>
    public string? Error { get; init; }

    /// <summary>Their servers beside the default one; null shows nothing of it.</summary>
    public ServersPart? Servers { get; init; }

    /// <summary>Who may use their server, and whose they may use; null shows nothing of it.</summary>
    public SharingPart? Sharing { get; init; }
}
