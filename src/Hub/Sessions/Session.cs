using Hub.Http;

namespace Hub.Sessions;

/// <summary>A document tied to a kernel: two tabs on one document find the same kernel by it.</summary>
/// <param name="Id">UUID.</param>
/// <param name="UserId">Row of the owner.</param>
/// <param name="UserName">Name of the owner.</param>
/// <param name="Path">The document relative to the home; unique per server. Consoles invent one.</param>
/// <param name="Name">What people see.</param>
/// <param name="ServerName">Which of the owner's servers it is of; empty for the default one.</param>
/// <param name="Type"><c>notebook</c>, <c>console</c>, <c>file</c> …</param>
public sealed record Session(string Id, long UserId, string UserName, string Path, string Name, string Type, string KernelId, string ServerName = "")
{
    public ServerKey Server => new(UserName, ServerName);
}
