namespace Hub.Auth.OpenIdConnect;

/// <summary>
/// What is known of a provider: its description and its keys, fetched when first needed and kept. What was known goes on being used while the provider is
/// away. One fetch at a time; who comes meanwhile waits for it.
/// </summary>
internal sealed partial class ProviderDirectory(OpenIdProvider provider, ProviderHttp http, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile Known<ProviderMetadata>? _metadata;
    private volatile Known<IReadOnlyList<SigningKey>>? _keys;
    private DateTimeOffset _failedAt = DateTimeOffset.MinValue;
    private string _failure = "";
    private DateTimeOffset _keysFailedAt = DateTimeOffset.MinValue;

    private OpenIdProviderOptions Options => provider.Options;

    /// <exception cref="OpenIdException">The provider is away or describes itself wrongly, and nothing was known before.</exception>
    public async Task<ProviderMetadata> GetMetadataAsync(CancellationToken cancellationToken)
    {
        if (_metadata is { } known && IsFresh(known.At))
            return known.Value;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await GetMetadataInTurnAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Checks a signature by the keys that are known, and by newer ones if it was made with one that is not.</summary>
    /// <exception cref="OpenIdException">There are no keys to check by.</exception>
    public async Task<SignatureVerdict> CheckAsync(Jwt token, CancellationToken cancellationToken)
    {
        Known<IReadOnlyList<SigningKey>> keys = await GetKeysAsync(null, cancellationToken);
        SignatureVerdict verdict = SignaturePolicy.Check(token, keys.Value, Options.TokenValidationParameters.ValidAlgorithms);
        if (verdict != SignatureVerdict.UnknownKey)
            return verdict;
        keys = await GetKeysAsync(keys, cancellationToken);
        return SignaturePolicy.Check(token, keys.Value, Options.TokenValidationParameters.ValidAlgorithms);
    }

    public void Dispose() => _gate.Dispose();

    private bool IsFresh(DateTimeOffset at) => time.GetUtcNow() - at < Options.AutomaticRefreshInterval;

    private async Task<ProviderMetadata> GetMetadataInTurnAsync(CancellationToken cancellationToken)
    {
        Known<ProviderMetadata>? known = _metadata;
        if (known is not null && IsFresh(known.At))
            return known.Value;
        // Whoever comes shortly after a failure must not wait for the same time-out again.
        if (time.GetUtcNow() - _failedAt < Options.RetryInterval)
            return known?.Value ?? throw new OpenIdException(OpenIdRefusal.ProviderAway, _failure);
        try
        {
            byte[] json = await http.GetAsync(provider.MetadataAddress, "the metadata", null, cancellationToken);
            string? authority = Options.Authority.Length > 0 ? Options.Authority : null;
            ProviderMetadata metadata = Read(() => MetadataCodec.Parse(json, authority, Options.RequireHttpsMetadata));
            _metadata = new Known<ProviderMetadata>(metadata, time.GetUtcNow());
            return metadata;
        }
        catch (OpenIdException failure)
        {
            _failedAt = time.GetUtcNow();
            _failure = failure.Message;
            if (known is null)
                throw;
            LogStale(provider.Name, failure.Message);
            return known.Value;
        }
    }

    /// <summary>Keys that are fresh; newer ones than <paramref name="not"/> if it is given and <c>RefreshInterval</c> has passed.</summary>
    private async Task<Known<IReadOnlyList<SigningKey>>> GetKeysAsync(Known<IReadOnlyList<SigningKey>>? not, CancellationToken cancellationToken)
    {
        bool IsEnough(Known<IReadOnlyList<SigningKey>> keys) =>
            not is null ? IsFresh(keys.At) : !ReferenceEquals(keys, not) || time.GetUtcNow() - keys.At < Options.RefreshInterval;

        if (_keys is { } at && IsEnough(at))
            return at;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_keys is { } known && IsEnough(known))
                return known;
            // Anybody can bring a token with a name of a key in it: it must not make us ask more often because asking fails.
            if (time.GetUtcNow() - _keysFailedAt < (not is null ? Options.RetryInterval : Options.RefreshInterval))
                throw new OpenIdException(OpenIdRefusal.ProviderAway, "the key set could not be had a moment ago");
            ProviderMetadata metadata = await GetMetadataInTurnAsync(cancellationToken);
            byte[] json = await GetKeySetAsync(metadata, cancellationToken);
            var keys = new Known<IReadOnlyList<SigningKey>>(Read(() => JsonWebKeyCodec.Parse(json, Options.MaxKeys)), time.GetUtcNow());
            LogKeys(provider.Name, keys.Value.Count);
            return _keys = keys;
        }
        catch (OpenIdException failure) when (not is null && _keys is not null)
        {
            throw new OpenIdException(failure.Refusal, "a token names a new key, but " + failure.Message, failure);
        }
        catch (OpenIdException failure) when (_keys is { } stale)
        {
            LogStale(provider.Name, failure.Message);
            return stale;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<byte[]> GetKeySetAsync(ProviderMetadata metadata, CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetAsync(metadata.JwksUri, "the key set", null, cancellationToken);
        }
        catch (OpenIdException)
        {
            _keysFailedAt = time.GetUtcNow();
            throw;
        }
    }

    private static T Read<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (InvalidDataException wrong)
        {
            throw new OpenIdException(OpenIdRefusal.ProviderWrong, wrong.Message, wrong);
        }
    }

    [LoggerMessage(700, LogLevel.Warning, "The sign-in provider {Provider} cannot be asked for news, what was known of it is used further: {Why}")]
    private partial void LogStale(string provider, string why);

    [LoggerMessage(701, LogLevel.Debug, "The sign-in provider {Provider} has {Count} keys that may sign")]
    private partial void LogKeys(string provider, int count);

    private sealed record Known<T>(T Value, DateTimeOffset At);
}
