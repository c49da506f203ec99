using System.Net;
using Microsoft.Extensions.Logging;

namespace Spawner.Docker.Internet;

/// <summary>
/// Keeps the network to the internet: the network of the engine, and the rules of the machine's firewall, which are there before the first container is. Each call looks
/// anew at both and mends what it can; one at a time. What it cannot mend it says, and nothing is started there.
/// </summary>
internal sealed partial class InternetGuard : IDisposable
{
    private const string CannotBeSet = "the rules that keep it from everything private cannot be set: ";

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

    /// <summary>The network's, as far as it is known.</summary>
    private IPNetwork? _range;

    /// <summary>Whether there may be something to keep though nobody wants it: a former hub may have left kernels on it.</summary>
    private bool _mayExist = true;

    public InternetGuard(EngineCalls engine, SpawnSite site, InternetOptions options, HostNetwork host, TimeProvider time, ILogger logger)
    {
        (_engine, _site, _options, _host, _logger) = (engine, site, options, host, logger);
        _nft = new NftTool(host, TimeSpan.FromSeconds(options.RulesTimeoutSeconds), time);
        _names = InternetNames.For(site);
    }

    /// <inheritdoc cref="IInternetNetwork.FindNeedAsync"/>
    public Task<string?> FindNeedAsync(CancellationToken cancellationToken) => AloneAsync(() => TryRulesAsync(cancellationToken), cancellationToken);

    /// <inheritdoc cref="IInternetNetwork.EnsureAsync"/>
    /// <exception cref="EngineException">The engine does not answer.</exception>
    public Task<string?> EnsureAsync(CancellationToken cancellationToken) => AloneAsync(async () =>
    {
        _mayExist = true;
        // Before the engine is asked, which may be away while its kernels run.
        if (_range is { } known && await SetRulesAsync(known, cancellationToken) is { } unset) return unset;
        return await MakeNetworkAsync(cancellationToken);
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
            // Rules of a network that is known come first; others are as a former hub left them.
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

    /// <summary>Sets rules of the same kind under another name and removes them, in one transaction: whatever there is stays as it is.</summary>
    private async Task<string?> TryRulesAsync(CancellationToken cancellationToken)
    {
        InternetNames trial = _names with { Table = _names.Table + "_try" };
        (bool done, string said) = await _nft.RunAsync(InternetRules.Write(trial, InternetPolicy.Never[0], _options, []) + InternetRules.Remove(trial), cancellationToken);
        return done ? null : CannotBeSet + said;
    }

    /// <summary>Compares what nft lists with what it listed when the rules were set, and sets them where that is not the same, or where they are to be others.</summary>
    private async Task<string?> SetRulesAsync(IPNetwork range, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> resolvers = _options.Resolvers.Count > 0 ? [.. _options.Resolvers.Select(IPAddress.Parse)] : _host.FindResolvers();
        string wanted = InternetRules.Write(_names, range, _options, resolvers);
        string? lost = null;
        if (_set is { } known)
        {
            (bool listed, string now) = await ListAsync(cancellationToken);
            if (listed && now == known.Listed && wanted == known.Written) return null;
            lost = !listed ? now : now == known.Listed ? null : "they were changed";
        }
        (bool done, string said) = await _nft.RunAsync(wanted, cancellationToken);
        if (!done) return CannotBeSet + said;
        // Until they were read back, they count as not set.
        _set = null;
        (bool there, string read) = await ListAsync(cancellationToken);
        if (!there) return "the rules that keep it from everything private were set and are not there: " + read;
        (_set, _range) = ((wanted, read), range);
        if (lost is not null) LogLost(_logger, _names.Table, lost);
        else LogSet(_logger, _names.Table, resolvers.Count);
        return null;
    }

    /// <summary>What is there of the rules, or why that cannot be told.</summary>
    private async Task<(bool Done, string Said)> ListAsync(CancellationToken cancellationToken)
    {
        (bool Done, string Said)[] tables = await Task.WhenAll(InternetRules.List(_names).Select(table => _nft.RunAsync(table, cancellationToken)));
        return tables.All(table => table.Done)
            ? (true, string.Concat(tables.Select(table => table.Said)))
            : (false, string.Join("; ", tables.Where(table => !table.Done).Select(table => table.Said)));
    }

    /// <summary>1. what the machine can, 2. the network, 3. whether it is where the hub is, 4. its rules; no container is on a network that was just made.</summary>
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
            // 1.
            if (await TryRulesAsync(cancellationToken) is { } unable) return unable;
            // 2.
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
        // 3.
        if (InternetPolicy.Range(SubnetOf(network)) is not { } range || !_host.Has(_names.Bridge, range))
        {
            if (network is not null && !IsInUse(network)) await _engine.RemoveNetworkAsync(_names.Network, cancellationToken);
            return "the engine makes its networks somewhere else than where the hub is (another machine, a container, a rootless engine), where the hub's rules do not count";
        }
        // 4.
        return _range == range && _set is not null ? null : await SetRulesAsync(range, cancellationToken);
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
        if (network is not null && IsInUse(network))
            return InternetPolicy.Range(SubnetOf(network)) is { } range ? await SetRulesAsync(range, cancellationToken) : null;
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
        (_set, _range) = (null, null);
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
