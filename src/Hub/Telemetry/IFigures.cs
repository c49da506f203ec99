namespace Hub.Telemetry;

/// <summary>Whoever has figures that must be looked up before somebody scrapes them.</summary>
public interface IFigures
{
    /// <summary>Brings the figures up to date; failing leaves the old ones.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);
}
