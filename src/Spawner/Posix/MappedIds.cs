using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spawner.Posix;

/// <summary>A user namespace in which two user ids, and two group ids, are swapped: for a mount that shows one person's files as another's.</summary>
internal static class MappedIds
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Descriptor of a new one. A namespace is made by a process that enters it, and a process with threads cannot: <c>unshare</c> of util-linux does, and
    /// goes when the descriptor is there.
    /// </summary>
    /// <exception cref="IOException">This machine or its administrator allows none.</exception>
    public static async Task<SafeFileHandle> OpenAsync((int UserId, int GroupId) one, (int UserId, int GroupId) other, CancellationToken cancellationToken)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("unshare", ["--user", "--", "cat"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }) ?? throw new IOException("unshare did not start");
            try
            {
                using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(s_patience);
                // What comes back through cat comes from inside the new namespace.
                await process.StandardInput.WriteLineAsync("in".AsMemory(), limit.Token);
                await process.StandardInput.FlushAsync(limit.Token);
                if (await process.StandardOutput.ReadLineAsync(limit.Token) is null)
                    throw new IOException($"no user namespace can be made: {(await process.StandardError.ReadToEndAsync(limit.Token)).Trim()}");
                await File.WriteAllTextAsync($"/proc/{process.Id}/uid_map", IdMap.Swapping(one.UserId, other.UserId), limit.Token);
                await File.WriteAllTextAsync($"/proc/{process.Id}/gid_map", IdMap.Swapping(one.GroupId, other.GroupId), limit.Token);
                int descriptor = Libc.Open($"/proc/{process.Id}/ns/user", Libc.ReadOnly | Libc.CloseOnExec, 0);
                return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true)
                    : throw new IOException($"the user namespace cannot be opened: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
            }
            finally
            {
                process.StandardInput.Close();
            }
        }
        catch (Win32Exception missing)
        {
            throw new IOException($"unshare (util-linux) cannot be run: {missing.Message}", missing);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new IOException($"the map of a user namespace cannot be written: {refused.Message}", refused);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("unshare did not answer", late);
        }
    }
}
