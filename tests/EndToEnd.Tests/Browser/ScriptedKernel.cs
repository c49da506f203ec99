namespace EndToEnd.Tests.Browser;

/// <summary>Commands of kernels that take their time.</summary>
internal static class ScriptedKernel
{
    /// <summary>Runs and never answers.</summary>
    public static IReadOnlyList<string> Never { get; } = ["/bin/sh", "-c", "exec sleep 600", "{connection_file}"];

    /// <summary>An ipykernel that begins to start after so many seconds.</summary>
    public static IReadOnlyList<string> After(int seconds) =>
        ["/bin/sh", "-c", $"sleep {seconds}; exec /usr/bin/python3 -m ipykernel_launcher -f \"$0\"", "{connection_file}"];
}
