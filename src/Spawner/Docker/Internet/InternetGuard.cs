using System.Net;
using Microsoft.Extensions.Logging;

namespace Spawner.Docker.Internet;

/// <summary>
/// Keeps the network to the internet: first the rules of the machine's firewall, then the network of the engine, then a look whether the engine made it on this machine at
/// all. Each call looks anew and mends what it can; one at a time. What it cannot mend it says, and nothing is started there.
/// </summary>
internal sealed partial class InternetGuard : IDisposable
{
    private readonly EngineCalls _engine;
    private readonly SpawnSite _site;
    private readonly InternetOptions _options;
    private readonly HostNetwork _host;
    private readonly ILogger _logger;
    private readonly NftTool _nft;
    private readonly InternetNames _names;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>What was set, and how nft lists it since; null while that is not known.</summary>
    private (string Written, string Listed)? _set;

    /// <summary>Whether there may be something to keep though nobody wants it: a former hub may have left kernels on it.</summary>
    private bool _mayExist = true;

    public InternetGuard(EngineCalls engine, SpawnSite site, InternetOptions options, HostNetwork host, TimeProvider time, ILogger logger)
    {
        (_engine, _site, _options, _host, _logger) = (engine, site, options, host, logger);
        _nft = new NftTool(host, TimeSpan.FromSeconds(options.RulesTimeoutSeconds), time);
        _names = InternetNames.For(site);
    }

    /// <inheritdoc cref="IInternetNetwork.FindNeedAsync"/>
    public Task<string?> FindNeedAsync(CancellationToken cancellationToken) => AloneAsync(() => SetRulesAsync(cancellationToken), cancellationToken);

    /// <inheritdoc cref="IInternetNetwork.EnsureAsync"/>
    /// <exception cref="EngineException">The engine does not answer.</exception>
    public Task<string?> EnsureAsync(CancellationToken cancellationToken) => AloneAsync(async () =>
    {
        _mayExist = true;
        return await SetRulesAsync(cancellationToken) ?? await MakeNetworkAsync(cancellationToken);
    }, cancellationToken);

    /// <inheritdoc cref="IInternetNetwork.TendAsync"/>
    public async Task<string?> TendAsync(bool wanted, CancellationToken cancellationToken)
    {
        try
        {
            if (wanted) return await EnsureAsync(cancellationToken);
            return _mayExist ? await AloneAsync(() => KeepOrRemoveAsync(cancellationToken), cancellationToken) : null;
        }
        catch (EngineException)
        {
            // The rules come before the engine is asked, where they are wanted; kernels that run need no other.
            return null;
        }
    }

    /// <inheritdoc cref="IInternetNetwork.RemoveAsync"/>
    /// <exception cref="EngineException">The engine does not answer.</exception>
    public async Task<bool> RemoveAsync(CancellationToken cancellationToken)
    {
        await AloneAsync(async () =>
        {
            EngineAnswers.Network? network = await _engine.FindNetworkAsync(_names.Network, cancellationToken);
            if (network is null || !IsInUse(network)) await RemoveAllAsync(network, cancellationToken);
            return null;
        }, cancellationToken);
        return !_mayExist;
    }

    public void Dispose() => _one.Dispose();

    private async Task<string?> AloneAsync(Func<Task<string?>> act, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await act();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Compares what nft lists with what it listed when the rules were set, and sets them where that is not the same, or where they are to be others.</summary>
    private async Task<string?> SetRulesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> resolvers = _options.Resolvers.Count > 0 ? [.. _options.Resolvers.Select(IPAddress.Parse)] : _host.FindResolvers();
        string wanted = InternetRules.Write(_names, _options, resolvers);
        string? lost = null;
        if (_set is { } known)
        {
            (bool listed, string now) = await _nft.RunAsync(InternetRules.List(_names), cancellationToken);
            if (listed && now == known.Listed && wanted == known.Written) return null;
            lost = listed && now == known.Listed ? null : listed ? "they were changed" : now;
        }
        _set = null;
        (bool done, string said) = await _nft.RunAsync(wanted, cancellationToken);
        if (!done) return "the rules that keep it from everything private cannot be set: " + said;
        (bool there, string read) = await _nft.RunAsync(InternetRules.List(_names), cancellationToken);
        if (!there) return "the rules that keep it from everything private were set and are not there: " + read;
        _set = (wanted, read);
        if (lost is not null) LogLost(_logger, _names.Table, lost);
        else LogSet(_logger, _names.Table, resolvers.Count);
        return null;
    }

    private async Task<string?> MakeNetworkAsync(CancellationToken cancellationToken)
    {
        EngineAnswers.Network? network = await _engine.FindNetworkAsync(_names.Network, cancellationToken);
        if (network is not null && Difference(network) is { } difference)
        {
            if (IsInUse(network) || !IsOurs(network))
                return $"the engine has a network {_names.Network} that {difference}; it is made anew when no container is on it and it is the hub's";
            await _engine.RemoveNetworkAsync(_names.Network, cancellationToken);
            network = null;
        }
        if (network is null)
        {
            try
            {
                await _engine.CreateNetworkAsync(NetworkBody.For(_names, _site, _options), CancellationToken.None);
            }
            catch (EngineException refused) when (!refused.IsUnavailable)
            {
                return $"the engine does not make the network: {refused.Message} (Docker:Internet:Subnet says another range)";
            }
            network = await _engine.FindNetworkAsync(_names.Network, cancellationToken);
            LogMade(_logger, _names.Network, _names.Bridge, SubnetOf(network));
        }
        if (InternetPolicy.Range(SubnetOf(network)) is { } itself && _host.Has(_names.Bridge, itself)) return null;
        if (network is not null && !IsInUse(network)) await _engine.RemoveNetworkAsync(_names.Network, cancellationToken);
        return "the engine makes its networks somewhere else than where the hub is (another machine, a container, a rootless engine), where the hub's rules do not count";
    }

    /// <summary>What is not as the hub makes it, as part of a sentence.</summary>
    private string? Difference(EngineAnswers.Network network)
    {
        if (!IsOurs(network)) return "is not this hub's";
        if (network.Driver != "bridge" || network.Internal || network.EnableIPv6) return "is another kind than the hub makes";
        if (network.Options?.GetValueOrDefault(NetworkBody.BridgeName) != _names.Bridge) return "has another interface than the hub's rules speak of";
        if (network.Options?.GetValueOrDefault(NetworkBody.BetweenContainers) != "false") return "lets containers reach each other";
        return _options.Subnet.Length > 0 && SubnetOf(network) != _options.Subnet ? $"has another range than Docker:Internet:Subnet ({SubnetOf(network)})" : null;
    }

    private static string SubnetOf(EngineAnswers.Network? network) => network?.IPAM?.Config is [{ Subnet: { } subnet }, ..] ? subnet : "";

    private bool IsOurs(EngineAnswers.Network network) => network.Labels?.GetValueOrDefault(SpawnLabels.Hub) == _site.HubId;

    private static bool IsInUse(EngineAnswers.Network network) => network.Containers is { Count: > 0 };

    /// <summary>Nobody wants it: kernels that are still on it keep their rules, and after the last both go.</summary>
    private async Task<string?> KeepOrRemoveAsync(CancellationToken cancellationToken)
    {
        EngineAnswers.Network? network = await _engine.FindNetworkAsync(_names.Network, cancellationToken);
        if (network is not null && IsInUse(network)) return await SetRulesAsync(cancellationToken);
        if (network is null && _set is null) _mayExist = false;
        else await RemoveAllAsync(network, cancellationToken);
        return null;
    }

    /// <summary>The network before its rules.</summary>
    private async Task RemoveAllAsync(EngineAnswers.Network? network, CancellationToken cancellationToken)
    {
        if (network is not null)
        {
            if (!IsOurs(network) || !await _engine.RemoveNetworkAsync(_names.Network, cancellationToken)) return;
        }
        bool hadRules = _set is not null;
        _set = null;
        // A hub that never had it may not be able to, either.
        (bool done, string said) = await _nft.RunAsync(InternetRules.Remove(_names), cancellationToken);
        if (done || (network is null && !hadRules)) _mayExist = false;
        if (!done && (network is not null || hadRules)) LogLeft(_logger, _names.Table, said);
        else if (network is not null) LogRemoved(_logger, _names.Network);
    }

    [LoggerMessage(2040, LogLevel.Information, "The rules for kernels that reach the internet are set (nft table {Table}, servers of names: {Resolvers})")]
    private static partial void LogSet(ILogger logger, string table, int resolvers);

    [LoggerMessage(2041, LogLevel.Warning, "The rules for kernels that reach the internet (nft table {Table}) were not as the hub had set them: {Found}. They are set again; find out who changes them, for kernels that ran meanwhile reached what they should not")]
    private static partial void LogLost(ILogger logger, string table, string found);

    [LoggerMessage(2042, LogLevel.Information, "Made the network {Network} for kernels that reach the internet (interface {Bridge}, {Range})")]
    private static partial void LogMade(ILogger logger, string network, string bridge, string range);

    [LoggerMessage(2043, LogLevel.Information, "Nobody needs the network {Network} any more: it is removed with its rules")]
    private static partial void LogRemoved(ILogger logger, string network);

    [LoggerMessage(2044, LogLevel.Warning, "The rules of a network that is gone (nft table {Table}) could not be removed: {Why}. They hinder nobody; nft delete table removes them")]
    private static partial void LogLeft(ILogger logger, string table, string why);
}
