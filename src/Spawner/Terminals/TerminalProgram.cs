using System.Globalization;
using System.Text;

namespace Spawner.Terminals;

/// <summary>
/// The program that holds a terminal (<c>terminal.py</c>; its frames are drawn there): the main process of the terminal's container, handed in beside its
/// connection file. It needs nothing of the image but Python 3.7 or later and a shell.
/// </summary>
public static class TerminalProgram
{
    /// <summary>Longest frame in either direction in bytes, its head of five left out; output has eight more for its number.</summary>
    public const int MaxFrame = 64 * 1024;

    private const string Name = "terminal.py";

    /// <summary>For <see cref="SpawnRequest.Files"/>.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string> { [Name] = Read() };

    /// <summary>For <see cref="SpawnRequest.Command"/>.</summary>
    /// <param name="python">The interpreter as the container knows it.</param>
    /// <param name="scrollbackBytes">How much output it keeps, at least; up to twice of it for a while.</param>
    /// <param name="shell">Empty leaves the choice to it: bash where there is one.</param>
    public static IReadOnlyList<string> Command(string python, int scrollbackBytes, string shell) =>
        // -I: neither the home, where the shell starts, nor variables of the environment decide what is imported.
        [python, "-I", $"{{connection_dir}}/{Name}", "{connection_file}", scrollbackBytes.ToString(CultureInfo.InvariantCulture), shell];

    /// <summary>Where the hub meets it.</summary>
    public static string SocketOf(SpawnedKernel terminal) =>
        string.Create(CultureInfo.InvariantCulture, $"{terminal.Endpoint.Ip}-{terminal.Endpoint.ShellPort}");

    private static string Read()
    {
        using Stream stream = typeof(TerminalProgram).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"{Name} is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
