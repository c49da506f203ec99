using System.Security.Cryptography;
using System.Text;
using Hub.Events;
using Hub.Events.Audit;
using Microsoft.Extensions.Options;
using Wire.Jupyter;

namespace Hub.Kernels;

/// <summary>Tells the audit who ran which cell, where the operator wants that (<c>Audit:Cells</c>).</summary>
internal sealed class CellNotes(EventStream events, TimeProvider time, IOptions<AuditOptions> options)
{
    public async ValueTask NoteAsync(LiveKernel kernel, TabId tab, KernelMessage message)
    {
        if (options.Value.Cells == CellAudit.Off || message.Channel != KernelChannel.Shell || message.MessageType != MessageTypes.ExecuteRequest)
            return;
        MessageFacts facts = MessageFacts.OfTab(message, tab);
        string code = facts.Code ?? "";
        await events.PublishAsync(new HubEvent.CellRan(
            time.GetUtcNow(), kernel.Owner.UserName, kernel.Id, kernel.Path, facts.CellId ?? "",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code))),
            options.Value.Cells == CellAudit.Text ? Beginning(code, options.Value.MaxCellCharacters) : null)
        { By = tab.UserName });
    }

    /// <summary>Half of a pair of surrogates is no character.</summary>
    private static string Beginning(string code, int most) =>
        code.Length <= most ? code : code[..(char.IsHighSurrogate(code[most - 1]) ? most - 1 : most)];
}
