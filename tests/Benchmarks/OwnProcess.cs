using System.Diagnostics;

namespace Benchmarks;

/// <summary>Another process of this program, for the part of a measurement that must not share one with the rest.</summary>
internal static class OwnProcess
{
    /// <summary>Its output is to be read. Works whether this one was started by its own name or as an argument of <c>dotnet</c>.</summary>
    public static Process Start(params string[] arguments)
    {
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(typeof(OwnProcess).Assembly.Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
