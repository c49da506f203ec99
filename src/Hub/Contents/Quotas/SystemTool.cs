using System.Diagnostics;
using System.Text;

namespace Hub.Contents.Quotas;

/// <summary>A program of the machine that makes, mounts or grows file systems; run to its end, with nothing of a user's on its command line but paths of the hub.</summary>
internal static class SystemTool
{
    private static readonly string[] s_directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>Checking a large file system takes its time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    /// <summary>Full path; null when it is not installed. The usual directories only: a PATH may lead anywhere.</summary>
    public static string? Find(string name) => s_directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    /// <summary>Its exit code and what it said, on both streams.</summary>
    public static (int ExitCode, string Said) Run(string name, params string[] arguments)
    {
        if (Find(name) is not { } path)
            return (127, $"{name} is not installed");
        using Process process = new();
        process.StartInfo = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        process.StartInfo.Environment["LC_ALL"] = "C";
        StringBuilder errors = new();
        process.ErrorDataReceived += (_, line) => errors.Append(line.Data).Append(' ');
        process.Start();
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        string said = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill();
            return (124, $"{name} did not end within {s_patience}");
        }
        process.WaitForExit(); // until its last words were read, which the wait above does not promise
        return (process.ExitCode, $"{said} {errors}".Trim().ReplaceLineEndings(" "));
    }
}
