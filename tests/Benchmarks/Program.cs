namespace Benchmarks;

/// <summary>Runs the benchmark named on the command line, or lists those there are.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        Console.WriteLine(arguments.Length == 0 ? "benchmarks: none yet" : $"no benchmark called {arguments[0]}");
        return arguments.Length == 0 ? 0 : 1;
    }
}
