using Hub.Telemetry;

namespace Hub.Terminals;

/// <summary>How many terminals there are, under Jupyter Server's name.</summary>
internal sealed class TerminalFigures : IFigures
{
    public TerminalFigures(TerminalRegistry terminals, HubMetrics metrics)
    {
        metrics.Meter.CreateObservableGauge("terminal.currently.running.total", () => terminals.ListAll().Count, description: "Terminals that run now.");
        metrics.Meter.CreateObservableGauge("hub.terminal.tabs", () => terminals.ListAll().Sum(terminal => terminal.TabCount), description: "Tabs that are connected to terminals.");
    }

    /// <summary>Nothing to look up: terminals are in memory.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
