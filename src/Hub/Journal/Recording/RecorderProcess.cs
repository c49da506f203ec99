using System.Diagnostics;
using Hub.Storage;

namespace Hub.Journal.Recording;

/// <summary>The recorder as a process: <c>hub recorder --data DIR</c>, begun by the hub, which it outlives.</summary>
public static class RecorderProcess
{
    public const string Verb = "recorder";

    /// <summary>Records until nobody needs it any more; at once when another one does already.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(DataLayout layout, RecorderOptions options)
    {
        ArgumentNullException.ThrowIfNull(layout);
        RecorderPosix.LeaveSession();
        // A terminal that closes, or whoever stops the hub's process group, does not mean the recorder.
        using var hangup = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGHUP, context => context.Cancel = true);
        await using RecorderServer? server = RecorderServer.Start(layout.Root, options, TimeProvider.System);
        if (server is not null)
            await server.WhenIdleAsync(CancellationToken.None);
        return 0;
    }

    /// <summary>Starts one that is nobody's child for long and holds nothing of ours but a log file.</summary>
    internal static void Launch(string data, RecorderOptions options)
    {
        string program = Environment.ProcessPath ?? "dotnet";
        bool isMuxer = Path.GetFileNameWithoutExtension(program) == "dotnet";
        // In tests the process is another program; the hub's own is beside its assembly.
        string assembly = typeof(RecorderProcess).Assembly.Location;
        Directory.CreateDirectory(Path.Combine(data, "run"));
        ProcessStartInfo start = new("/bin/sh") { WorkingDirectory = "/" };
        foreach (string argument in new[] { "-c", "exec \"$@\" </dev/null >>\"$0\" 2>&1 &", Path.Combine(data, "run", "recorder.log") })
            start.ArgumentList.Add(argument);
        if (isMuxer || Path.GetFileNameWithoutExtension(program) != "Hub")
        {
            start.ArgumentList.Add(isMuxer ? program : "dotnet");
            start.ArgumentList.Add(assembly);
        }
        else
        {
            start.ArgumentList.Add(program);
        }

        foreach (string argument in new[]
        {
            Verb, "--data", data, $"{RecorderOptions.Section}:BytesPerKernel={options.BytesPerKernel}", $"{RecorderOptions.Section}:SpillBytes={options.SpillBytes}",
            $"{RecorderOptions.Section}:IdleExit={options.IdleExit:c}", $"{RecorderOptions.Section}:MaxKernels={options.MaxKernels}",
        })
            start.ArgumentList.Add(argument);
        // Small rather than fast: it mostly waits.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_GCConserveMemory"] = "5";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment.Remove("HUB_ADMIN_TOKEN");
        start.Environment.Remove("Hub__AdminToken");
        using Process? shell = Process.Start(start);
        shell?.WaitForExit();
    }
}
