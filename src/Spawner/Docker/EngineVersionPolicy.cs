using System.Globalization;

namespace Spawner.Docker;

/// <summary>Which version of the Engine API is spoken (Docker documentation, "Versioned API and SDK"): the newest both sides know (pure).</summary>
internal static class EngineVersionPolicy
{
    /// <summary>Docker 20.10, the oldest that is in use.</summary>
    public static readonly Version Oldest = new(1, 41);

    /// <summary>The newest whose release notes were read: nothing used here changed up to it.</summary>
    public static readonly Version Newest = new(1, 52);

    /// <param name="api">What the engine calls its <c>ApiVersion</c>.</param>
    /// <param name="minApi">What it calls its <c>MinAPIVersion</c>; older engines leave it out.</param>
    /// <returns>The version to speak, or what stands in the way.</returns>
    public static (Version? Speak, string? Problem) Negotiate(string? api, string? minApi)
    {
        if (!Version.TryParse(api, out Version? theirs)) return (null, $"the engine does not say which API version it speaks (\"{api}\")");
        Version speak = theirs < Newest ? theirs : Newest;
        if (speak < Oldest)
            return (null, string.Create(CultureInfo.InvariantCulture, $"the engine speaks API {theirs}; at least {Oldest} (Docker 20.10) is needed: update Docker"));
        if (Version.TryParse(minApi, out Version? least) && least > speak)
            return (null, string.Create(CultureInfo.InvariantCulture, $"the engine wants at least API {least}, and this hub speaks up to {Newest}: update the hub"));
        return (speak, null);
    }
}
