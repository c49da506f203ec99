using System.Diagnostics;

namespace Benchmarks.Bridge;

/// <summary>The kernel of <c>tests/SpewKernel</c>, built when it must be.</summary>
internal static class SpewKernel
{
    private static readonly Lazy<string> s_path = new(Build);

    /// <summary>Directory with its kernelspec.</summary>
    public static string JupyterPath => s_path.Value;

    public static string Program => Path.Combine(JupyterPath, "spew");

    private static string Build()
    {
        using Process build = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "tests", "SpewKernel", "build")) { RedirectStandardOutput = true })!;
        string path = build.StandardOutput.ReadToEnd().Trim();
        build.WaitForExit();
        return build.ExitCode == 0 ? path : throw new InvalidOperationException("The kernel in C++ cannot be built; it needs g++, libzmq3-dev and libssl-dev.");
    }
}
