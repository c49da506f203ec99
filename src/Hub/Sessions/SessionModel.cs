using System.Text.Json.Serialization;
using Hub.Kernels;

namespace Hub.Sessions;

/// <summary>A session on the API (jupyter-server-rest §7). <c>notebook</c> repeats path and name for old clients and is there for notebooks alone.</summary>
public sealed record SessionModel(
    string Id,
    string Path,
    string Name,
    string Type,
    KernelModel Kernel,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SessionModel.NotebookPart? Notebook)
{
    public static SessionModel Of(Session session, LiveKernel kernel) =>
        new(session.Id, session.Path, session.Name, session.Type, KernelModel.Of(kernel), session.Type == "notebook" ? new NotebookPart(session.Path, session.Name) : null);

    public sealed record NotebookPart(string Path, string Name);
}
