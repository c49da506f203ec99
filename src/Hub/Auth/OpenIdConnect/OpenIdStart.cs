namespace Hub.Auth.OpenIdConnect;

/// <summary>Says at the start which providers there are, and of which nothing good can come. Speaks to none: the hub starts without them.</summary>
internal sealed partial class OpenIdStart(OpenIdProviders providers, ILogger<OpenIdStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (OpenIdProvider provider in providers.All)
        {
            LogProvider(provider.Name, provider.Options.Authority, provider.CallbackPath);
            if (!provider.Options.Allow.Says)
                LogNobodyNew(provider.Name);
            if (provider.Options.RecheckInterval > TimeSpan.Zero && provider.Options.Scope.Contains("offline_access") && !provider.Options.SaveTokens)
                LogNoRecheck(provider.Name);
        }
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(710, LogLevel.Information, "People can sign in with {Provider} ({Authority}), which sends them back to {CallbackPath}")]
    private partial void LogProvider(string provider, string authority, string callbackPath);

    [LoggerMessage(711, LogLevel.Warning, "Nobody new can sign in with {Provider}: set Auth:OpenId:{Name}:Allow, to Everyone=true if it is for all it knows")]
    private partial void LogNobodyNew(string provider, string name);

    private void LogNobodyNew(string provider) => LogNobodyNew(provider, provider);

    [LoggerMessage(712, LogLevel.Warning, "{Provider} is not asked again (RecheckInterval), since SaveTokens is off")]
    private partial void LogNoRecheck(string provider);
}
