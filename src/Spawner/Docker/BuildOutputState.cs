using System.Globalization;
using System.Text.RegularExpressions;

namespace Spawner.Docker;

/// <summary>
/// Reads what a build or a pull prints and says how far it is, in percent and a sentence (pure). Package installations tell their
/// own progress, which is most of a build; else the steps of the Dockerfile are counted.
/// </summary>
internal sealed partial record BuildOutputState
{
    private const int InstallFrom = 5, InstallTo = 90;

    /// <summary>How many lines are kept for the operator when the build fails.</summary>
    private const int KeptLines = 20;

    public int Percent { get; private init; }

    public string Sentence { get; private init; } = "Preparing the kernel's image";

    /// <summary>The last lines of output, oldest first.</summary>
    public IReadOnlyList<string> Last { get; private init; } = [];

    private int Packages { get; init; }

    private int Touched { get; init; }

    public BuildOutputState Apply(string line)
    {
        line = line.Trim();
        if (line.Length == 0) return this;
        BuildOutputState next = this with { Last = [.. Last.TakeLast(KeptLines - 1), line] };
        if (Step().Match(line) is { Success: true } step)
        {
            int at = Number(step, 1), of = Math.Max(1, Number(step, 2));
            return Packages > 0 ? next.To(Percent, Sentence) : next.To(InstallTo * (at - 1) / of, $"Building the kernel's image, step {at} of {of}");
        }
        if (Installing().Match(line) is { Success: true } installing && Number(installing, 1) > Packages) return next with { Packages = Number(installing, 1), Touched = 0, Percent = Math.Max(Percent, InstallFrom) };
        if (Packages > 0 && Package().Match(line) is { Success: true } package)
        {
            // Each package is fetched, unpacked and set up once.
            int touched = Math.Min(Touched + 1, 3 * Packages);
            string verb = package.Groups[1].Value switch { "Get" => "downloading", "Unpacking" => "unpacking", _ => "setting up" };
            return (next with { Touched = touched }).To(InstallFrom + (InstallTo - InstallFrom) * touched / (3 * Packages), $"Building the kernel's image: {verb} {package.Groups[2].Value}");
        }
        return line.StartsWith("Successfully built", StringComparison.Ordinal) ? next.To(99, "The kernel's image is built") : next;
    }

    /// <summary>Progress of a pull: bytes of all layers together.</summary>
    public BuildOutputState Pulled(long current, long total) =>
        total > 0 ? To((int)(95 * Math.Clamp(current, 0, total) / total), string.Create(CultureInfo.InvariantCulture, $"Downloading the kernel's image: {current >> 20} of {total >> 20} MB")) : this;

    private BuildOutputState To(int percent, string sentence) => this with { Percent = Math.Max(Percent, percent), Sentence = sentence };

    private static int Number(Match match, int group) => int.TryParse(match.Groups[group].Value, CultureInfo.InvariantCulture, out int number) ? number : 0;

    [GeneratedRegex(@"^Step (\d+)/(\d+) :")]
    private static partial Regex Step();

    [GeneratedRegex(@"^\d+ upgraded, (\d+) newly installed")]
    private static partial Regex Installing();

    [GeneratedRegex(@"^(Get|Unpacking|Setting up)(?::\d+ \S+ \S+ \S+)? ([a-z0-9][a-z0-9.+-]*)")]
    private static partial Regex Package();
}
