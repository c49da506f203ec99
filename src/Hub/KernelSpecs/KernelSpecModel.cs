using System.Text.Json.Nodes;

namespace Hub.KernelSpecs;

/// <summary>A kernelspec on the API.</summary>
/// <param name="Resources">Addresses of its files by their key.</param>
internal sealed record KernelSpecModel(string Name, KernelSpecModel.File Spec, IReadOnlyDictionary<string, string> Resources)
{
    /// <summary>The part that <c>kernel.json</c> holds.</summary>
    internal sealed record File(
        IReadOnlyList<string> Argv,
        IReadOnlyDictionary<string, string> Env,
        string DisplayName,
        string Language,
        string InterruptMode,
        JsonObject Metadata,
        string? KernelProtocolVersion);

    /// <param name="spec">What to show.</param>
    /// <param name="baseUrl">Path of the user's server, with a slash at its end.</param>
    public static KernelSpecModel Of(KernelSpec spec, string baseUrl) => new(
        spec.Name,
        new File(
            spec.Argv,
            // Variables may hold what an operator keeps from people (a licence key); front ends need none of them.
            spec.Image is null ? spec.Environment : new Dictionary<string, string>(),
            spec.DisplayName,
            spec.Language,
            spec.InterruptMode == Spawner.InterruptMode.Message ? "message" : "signal",
            spec.Metadata,
            spec.ProtocolVersion),
        KernelSpecResources.List(spec).ToDictionary(
            one => one.Key, one => $"{baseUrl}kernelspecs/{Uri.EscapeDataString(spec.Name)}/{Uri.EscapeDataString(one.Value)}", StringComparer.Ordinal));
}
