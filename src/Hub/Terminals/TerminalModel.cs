using Hub.Http;

namespace Hub.Terminals;

/// <summary>A terminal on the API.</summary>
internal sealed record TerminalModel(string Name, string LastActivity)
{
    public static TerminalModel Of(LiveTerminal terminal) => new(terminal.Name, ApiTime.Format(terminal.LastActivity));
}
