using System.Buffers;

namespace Spawner.Docker.Warm;

/// <summary>
/// The command of a kernel whose interpreter can be started ahead (pure): <c>python [-flags] -m ipykernel_launcher …</c>, as ipykernel's own kernelspec says it.
/// Any other program knows by itself what it does first.
/// </summary>
/// <param name="Interpreter">Name or path of Python.</param>
/// <param name="Flags">Its flags before <c>-m</c>, which hold from its first moment.</param>
internal sealed record WarmCommand(string Interpreter, IReadOnlyList<string> Flags)
{
    private static readonly string[] s_modules = ["ipykernel_launcher", "ipykernel"];

    private static readonly SearchValues<char> s_flags = SearchValues.Create("bBdEIOPqsSuv");

    /// <summary>Null when it is another program.</summary>
    public static WarmCommand? Of(IReadOnlyList<string> command)
    {
        int module = command.ToList().IndexOf("-m");
        return module >= 1 && module + 1 < command.Count && s_modules.Contains(command[module + 1])
            && command[0].Split('/')[^1].StartsWith("python", StringComparison.Ordinal) && command.Take(module).Skip(1).All(IsFlag)
            ? new WarmCommand(command[0], [.. command.Take(module).Skip(1)])
            : null;
    }

    /// <summary>In one word, and with no program in it.</summary>
    private static bool IsFlag(string word) => word.Length >= 2 && word[0] == '-'
        && (word[1] is 'X' or 'W' ? word.Length > 2 : word.AsSpan(1).IndexOfAnyExcept(s_flags) < 0);
}
