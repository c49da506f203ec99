namespace Hub.Terminals;

/// <summary>What came of the wish for a terminal.</summary>
internal abstract record TerminalStart
{
    public sealed record Started(LiveTerminal Terminal) : TerminalStart;

    /// <summary>The name is none, or the environment does not exist.</summary>
    public sealed record BadWish(string Message) : TerminalStart;

    /// <summary>The name is another's.</summary>
    public sealed record Taken(string Message) : TerminalStart;

    /// <summary>A limit forbids it; the message names the option.</summary>
    public sealed record Refused(string Message) : TerminalStart;

    /// <summary>It was tried and failed; the message names cause and remedy.</summary>
    public sealed record Failed(string Cause, string Message) : TerminalStart;
}
