using System.ComponentModel;
using System.Diagnostics;

namespace Spawner.Docker.Internet;

/// <summary>The machine's <c>nft</c>: one transaction per call, handed in on its standard input, bounded in time and in what it may say.</summary>
internal sealed class NftTool(HostNetwork host, TimeSpan patience, TimeProvider time)
{
    private const int MaxSaid = 1 << 20;

    private static readonly string[] s_directories = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];

    /// <summary>The usual directories only: a PATH may lead anywhere.</summary>
    private static string? Find() => s_directories.Select(directory => Path.Combine(directory, "nft")).FirstOrDefault(File.Exists);

    /// <summary>Whether it did it, and what it said: the answer, or why not.</summary>
    public async Task<(bool Done, string Said)> RunAsync(string transaction, CancellationToken cancellationToken)
    {
        if (Find() is not { } nft) return (false, "nft (package nftables) is not installed on the hub's machine");
        // -s: without what changes by itself.
        string[] words = [.. host.Enter, nft, "-s", "-f", "-"];
        using Process process = new() { StartInfo = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" } };
        process.StartInfo.Environment["LC_ALL"] = "C";
        using CancellationTokenSource limit = new(patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            process.Start();
            Task<string> said = ReadAsync(process.StandardOutput, either.Token), failed = ReadAsync(process.StandardError, either.Token);
            await process.StandardInput.WriteAsync(transaction.AsMemory(), either.Token);
            process.StandardInput.Close();
            await Task.WhenAll(said, failed);
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? (true, await said) : (false, "nft says: " + FirstLine(await failed));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"nft did not end within {patience.TotalSeconds} s (Docker:Internet:RulesTimeoutSeconds)");
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return (false, "nft could not be run: " + e.Message);
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Such as <c>/dev/stdin:1:1-20: Error: Could not process rule: Operation not permitted</c>; the lines after it point into the text.</summary>
    private static string FirstLine(string said) => said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "nothing";

    private static async Task<string> ReadAsync(StreamReader stream, CancellationToken cancellationToken)
    {
        char[] room = new char[MaxSaid];
        int length = await stream.ReadBlockAsync(room, cancellationToken);
        return length < MaxSaid ? new string(room, 0, length) : throw new IOException("it says too much");
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It never began.
        }
    }
}
