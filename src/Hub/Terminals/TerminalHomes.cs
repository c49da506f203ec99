using Hub.Contents.Quotas;

namespace Hub.Terminals;

/// <summary>What runs in a terminal writes into its home without asking the hub.</summary>
internal sealed class TerminalHomes(TerminalRegistry terminals) : IHomesInUse
{
    public IReadOnlySet<string> Users() => terminals.ListAll().Select(terminal => terminal.Owner.UserName).ToHashSet(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task StopAsync(string userName, string cause, string message) => Task.WhenAll(
        terminals.ListAll().Where(terminal => terminal.Owner.UserName == userName).Select(terminal => terminals.EndAsync(terminal, TerminalEnd.HomeFull, "", message)));
}
