using System.Collections.Frozen;
using System.Text.RegularExpressions;
using Hub.Accounts;
using Hub.Events;
using Hub.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Options;

namespace Hub.Servers;

/// <summary>
/// Makes, changes and removes named servers for the API and the pages alike, and says in one sentence why not. A name becomes a part of addresses right behind
/// the user's, so nothing a user's server serves can be one.
/// </summary>
internal sealed partial class NamedServersHandler(
    ServerRegistry registry, EventStream events, TimeProvider time, EndpointDataSource routes, IOptions<ServersOptions> options, IOptions<AccountsOptions> accounts)
{
    /// <summary>Said where they are switched off.</summary>
    public const string NotAllowed = "Named servers are not enabled (Servers:AllowNamed).";

    private const int LongestName = 255;

    /// <summary>What Jupyter servers serve and this one may some day; whoever has a server of such a name now would lose it then.</summary>
    private static readonly string[] s_promised = ["custom", "hub", "metrics", "nbclassic", "nbconvert", "oauth_callback", "proxy", "services", "static", "user-redirect", "view"];

    private readonly Lazy<FrozenSet<string>> _taken = new(() => Segments(routes).Concat(s_promised).ToFrozenSet(StringComparer.OrdinalIgnoreCase));

    /// <summary>First segments of a user's server's own addresses; routes are matched without regard to case.</summary>
    public IReadOnlySet<string> Taken => _taken.Value;

    /// <summary>May users have servers with names?</summary>
    public bool Allowed => options.Value.AllowNamed;

    /// <summary>Why a server cannot be called so; null when it can.</summary>
    public string? Problem(string name) =>
        name.Length > LongestName ? $"The name of a server has at most {LongestName} characters."
        : !Pattern().IsMatch(name) ? $"Not a name for a server: '{Printable(name)}'. It has letters from a to z, digits and - _ . ~, and begins with a letter, a digit or _."
        : Taken.Contains(name) ? $"A server cannot be called '{name}': that is an address every server has. Choose another name."
        : null;

    /// <summary>Makes it without starting it; null when that worked, else status and reason.</summary>
    public async Task<(int Status, string Why)?> CreateAsync(ServerKey server, ServerWish wish, Caller by, CancellationToken cancellationToken)
    {
        if (!Allowed)
            return (StatusCodes.Status400BadRequest, NotAllowed);
        if (Problem(server.Name) is { } problem)
            return (StatusCodes.Status400BadRequest, problem);
        Check(wish);
        NamingOutcome outcome = await registry.CreateAsync(server, wish.DisplayName ?? "", wish.UserOptions ?? "{}", cancellationToken);
        await TellAsync(outcome, server, "created", by);
        return Refusal(outcome, server, wish);
    }

    /// <summary>Renames it, or changes what else is remembered of it.</summary>
    public async Task<(int Status, string Why)?> ChangeAsync(ServerKey server, ServerWish wish, Caller by, CancellationToken cancellationToken)
    {
        if (wish.Name is { } name && name != server.Name && Problem(name) is { } problem)
            return (StatusCodes.Status400BadRequest, problem);
        Check(wish);
        NamingOutcome outcome = await registry.ChangeAsync(server, wish.Name, wish.DisplayName, wish.UserOptions, cancellationToken);
        await TellAsync(outcome, server, "changed", by, wish.Name == server.Name ? null : wish.Name);
        return Refusal(outcome, server, wish);
    }

    /// <summary>Stops and forgets it.</summary>
    public async Task<(int Status, string Why)?> RemoveAsync(ServerKey server, Caller by, CancellationToken cancellationToken)
    {
        await registry.StopAsync(server, cancellationToken);
        NamingOutcome outcome = await registry.RemoveAsync(server, cancellationToken);
        await TellAsync(outcome, server, "removed", by);
        return Refusal(outcome, server, new ServerWish());
    }

    private async Task TellAsync(NamingOutcome outcome, ServerKey server, string what, Caller by, string? newName = null)
    {
        if (outcome == NamingOutcome.Done)
            await events.PublishAsync(new HubEvent.NamedServerChanged(time.GetUtcNow(), server.UserName, what, newName) { ServerName = server.Name, By = by.UserName });
    }

    private (int, string)? Refusal(NamingOutcome outcome, ServerKey server, ServerWish wish) => outcome switch
    {
        NamingOutcome.Done => null,
        NamingOutcome.NoSuchUser => (StatusCodes.Status404NotFound, $"No such user: {server.UserName}"),
        NamingOutcome.NoSuchServer => (StatusCodes.Status404NotFound, $"No such server: {server}"),
        NamingOutcome.Exists => (StatusCodes.Status409Conflict, $"{server.UserName} has a server called '{wish.Name ?? server.Name}' already."),
        NamingOutcome.Active => (StatusCodes.Status400BadRequest, $"{server} is running; stop it first."),
        _ => (StatusCodes.Status400BadRequest,
            $"User {server.UserName} already has the maximum of {options.Value.NamedPerUser} named servers (Servers:NamedPerUser). One must be deleted before a new server can be created."),
    };

    /// <exception cref="BadHttpRequestException">The display name or the options will not do.</exception>
    private void Check(ServerWish wish)
    {
        if (wish.DisplayName is { Length: > 0 } shown && DisplayName.Problem(shown, accounts.Value) is { } problem)
            throw new BadHttpRequestException("display_name: " + problem);
        if (wish.UserOptions?.Length > options.Value.MaxUserOptions)
            throw new BadHttpRequestException($"user_options has more than {options.Value.MaxUserOptions} characters (Servers:MaxUserOptions).");
    }

    private static IEnumerable<string> Segments(EndpointDataSource routes) =>
        from route in routes.Endpoints.OfType<RouteEndpoint>()
        let segments = route.RoutePattern.PathSegments
        where segments.Count > 2 && segments[0] is { IsSimple: true } first && first.Parts[0] is RoutePatternLiteralPart { Content: "user" }
            && segments[1] is { IsSimple: true } second && second.Parts[0] is RoutePatternParameterPart
        from part in segments[2].Parts.Take(1).OfType<RoutePatternLiteralPart>()
        select part.Content;

    private static string Printable(string written) =>
        string.Concat(written.Take(LongestName).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.~\-]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
