using Hub.Classes.Floor;
using Hub.Http;

namespace Hub.Lab;

/// <summary>Which page of the front end somebody opens.</summary>
/// <param name="UserName">Whose server.</param>
/// <param name="StoreId">Rises with every page, so that two pages never share a layout by accident.</param>
/// <param name="TreePath">File or directory to open, decoded, without a slash in front.</param>
/// <param name="Workspace">Layout to restore.</param>
/// <param name="SingleDocument"><c>/doc</c>: one document fills the page.</param>
/// <param name="NotFoundUrl">Address that is no page; the front end says so and cleans it.</param>
/// <param name="ServerName">Which of the user's servers; empty for the default one.</param>
/// <param name="Visit">It is of a teacher beside a student.</param>
internal sealed record LabPageRequest(
    string UserName, int StoreId, string TreePath = "", string Workspace = "default", bool SingleDocument = false, string? NotFoundUrl = null, Visit? Visit = null, string ServerName = "")
{
    /// <summary>Whoever opens it can have terminals.</summary>
    public bool HasTerminals { get; init; }

    public ServerKey Server => new(UserName, ServerName);
}
