using Microsoft.Extensions.Options;

namespace Hub.Servers;

/// <summary>Loads the started servers before requests are answered, and writes down now and then who was active.</summary>
internal sealed partial class ServersStart(
    ServerRegistry registry, ServersStore store, IOptions<ServersOptions> options, TimeProvider time, ILogger<ServersStart> logger)
    : BackgroundService
{
    private readonly Dictionary<(long UserId, string Name), DateTimeOffset> _saved = [];

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await registry.LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(options.Value.SaveActivitySeconds), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await SaveAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The hub stops.
        }
        finally
        {
            await SaveAsync(CancellationToken.None);
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<UserServer> running = registry.List();
        UserServer[] news = [.. running.Where(server => _saved.GetValueOrDefault((server.UserId, server.Name)) < server.LastActivity)];
        foreach ((long, string) gone in _saved.Keys.Except(running.Select(server => (server.UserId, server.Name))).ToList())
            _saved.Remove(gone);
        if (news.Length == 0)
            return;
        try
        {
            await store.SaveActivityAsync(news, cancellationToken);
            foreach (UserServer server in news)
                _saved[(server.UserId, server.Name)] = server.LastActivity;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogNotSaved(failure);
        }
    }

    [LoggerMessage(1003, LogLevel.Warning, "Who was active could not be written down; it is tried again")]
    private partial void LogNotSaved(Exception failure);
}
