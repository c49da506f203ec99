using System.Globalization;
using System.Text;

namespace Spawner.Processes;

/// <summary>
/// What is run for one kernel, decided from values (pure): a chain of programs, each of which becomes the next.
/// <c>setsid → supervise.sh ⇒ setsid → launch.sh → [unshare → mount.sh] → [env] → prlimit → setpriv → become.sh → kernel</c>
/// (⇒ is the only fork). The user's environment travels as text on descriptor 9 and is taken only after the hub's rights are
/// gone: an LD_PRELOAD of the user's must not reach a program that runs as root, and arguments can be read by everybody.
/// </summary>
/// <param name="Arguments">What follows <c>setsid</c>.</param>
/// <param name="Environment">Content of the file <c>environment</c>.</param>
internal sealed record ProcessPlan(IReadOnlyList<string> Arguments, string Environment)
{
    /// <summary>Variable that marks every process of a kernel, also one that left its session.</summary>
    public const string Cookie = "NOTEBOOK_HUB_KERNEL";

    /// <param name="Home">Where the kernel sees its home.</param>
    /// <param name="Cover">Directory covered to show the home there, or null where the home can be reached as it is.</param>
    /// <param name="Channels">The directory of the sockets.</param>
    /// <param name="Path">PATH of the kernel.</param>
    /// <param name="OpenFiles">Limit of open files, already below the machine's own.</param>
    /// <param name="Root">Whether the hub is root and can become somebody else.</param>
    /// <param name="Resets">Whether the machine's <c>env</c> can give signals their default effect.</param>
    public sealed record Place(string State, string Home, string? Cover, string Channels, string Path, long OpenFiles, bool Root, bool Resets = true);

    public static ProcessPlan For(SpawnRequest request, ProcessOptions options, Place place)
    {
        List<string> arguments =
        [
            "sh", "-c", Scripts.Supervise, "notebook-hub-kernel", place.State, Number(options.LogKilobytes),
            "sh", "-c", Scripts.Launch, "notebook-hub-kernel", place.State,
        ];
        if (place.Cover is not null)
        {
            arguments.AddRange(["unshare", "--mount", "--propagation", "private",
                "sh", "-c", Scripts.Mount, "notebook-hub-kernel", place.Cover, request.HomeDirectory, place.Home]);
        }

        // A shell without job control lets what it runs in the background ignore these two, a child inherits that, and no shell can take it back: the
        // kernel could not be interrupted.
        if (place.Resets) arguments.AddRange(["env", "--default-signal=INT,QUIT"]);
        arguments.AddRange(["prlimit", $"--nofile={Number(place.OpenFiles)}:{Number(place.OpenFiles)}", "--core=0:0"]);
        bool becomes = place.Root && request.UserId is > 0;
        // The operating system counts processes per user, not per kernel; for an unprivileged hub it would count the hub's own.
        if (becomes) arguments.Add($"--nproc={Number(request.Limits.Processes ?? options.Processes)}");
        arguments.AddRange(["setpriv", "--no-new-privs"]);
        if (becomes)
        {
            arguments.AddRange([$"--reuid={Number(request.UserId!.Value)}", $"--regid={Number(request.GroupId ?? request.UserId.Value)}",
                "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]);
        }
        string workingDirectory = request.WorkingDirectory.Length == 0 ? place.Home : $"{place.Home}/{request.WorkingDirectory}";
        arguments.AddRange(["sh", "-c", Scripts.Become, "notebook-hub-kernel", workingDirectory]);
        arguments.AddRange(KernelCommand.Fill(request, ConnectionFile.PathIn(place.Channels)));
        return new ProcessPlan(arguments, EnvironmentText(request, place));
    }

    private static string EnvironmentText(SpawnRequest request, Place place)
    {
        SortedDictionary<string, string> variables = new(StringComparer.Ordinal)
        {
            ["HOME"] = place.Home,
            ["USER"] = request.UserName,
            ["LOGNAME"] = request.UserName,
            ["LANG"] = "C.UTF-8",
            ["PATH"] = place.Path,
            ["SHELL"] = "/bin/sh",
        };
        foreach ((string name, string value) in request.Environment)
        {
            if (SpawnRequestPolicy.IsVariableName(name)) variables[name] = value;
        }
        variables[Cookie] = request.KernelId;
        StringBuilder text = new();
        foreach ((string name, string value) in variables)
            text.Append("export ").Append(name).Append("='").Append(value.Replace("'", "'\\''", StringComparison.Ordinal)).Append("'\n");
        return text.ToString();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
