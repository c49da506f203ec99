using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Benchmarks.Zmtp;

namespace Benchmarks.Bridge;

/// <summary>
/// The same kernel asked over libzmq by a client that does the least: it signs what it sends and checks nothing of what it hears. That is
/// the floor under any bridge.
/// </summary>
internal sealed class DirectKernel : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bench-kernel-").FullName;
    private readonly Process _process;
    private readonly nint _context = Libzmq.NewContext();
    private readonly nint _shell;
    private readonly nint _iopub;
    private readonly byte[] _key = "0123456789abcdef0123456789abcdef"u8.ToArray();
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _asked;

    private DirectKernel()
    {
        int[] ports = FreePorts(5);
        string file = Path.Combine(_folder, "connection.json");
        File.WriteAllText(file, $$"""
            {"transport":"tcp","ip":"127.0.0.1","shell_port":{{ports[0]}},"iopub_port":{{ports[1]}},"stdin_port":{{ports[2]}},"control_port":{{ports[3]}},"hb_port":{{ports[4]}},
             "signature_scheme":"hmac-sha256","key":"{{Encoding.ASCII.GetString(_key)}}"}
            """);
        _process = Process.Start(SpewKernel.Program, ["-f", file]);
        _iopub = Libzmq.Socket(_context, Libzmq.Sub);
        Libzmq.Unlimited(_iopub);
        Libzmq.SubscribeAll(_iopub);
        Libzmq.Connect(_iopub, $"tcp://127.0.0.1:{ports[1]}");
        _shell = Libzmq.Socket(_context, Libzmq.Dealer);
        Libzmq.Connect(_shell, $"tcp://127.0.0.1:{ports[0]}");
    }

    public static async Task<DirectKernel> StartAsync()
    {
        DirectKernel kernel = new();
        // A subscription takes a moment: what is asked until then is heard on shell alone.
        for (int i = 0; i < 20; i++)
        {
            kernel.Send("warm");
            kernel.Reply();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        kernel.Execute("warm");
        return kernel;
    }

    /// <summary>Asks and reads until reply and idle are there; returns messages other than those every execution has, and their bytes as far as they were looked at.</summary>
    public long Execute(string code)
    {
        byte[] id = Encoding.ASCII.GetBytes(Send(code));
        long messages = 0;
        while (true)
        {
            bool isStream = false, isIdle = false, isMine = false, more = true;
            for (int frame = 0; more; frame++)
            {
                (int length, more) = Libzmq.Receive(_iopub, _buffer);
                ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, Math.Min(length, _buffer.Length));
                if (frame == 0)
                    isStream = bytes.StartsWith("stream"u8) || bytes.StartsWith("display"u8);
                else if (frame == 4)
                    isMine = bytes.IndexOf(id) >= 0;
                else if (frame == 6 && !isStream)
                    isIdle = bytes.IndexOf("\"idle\""u8) >= 0;
            }

            if (isStream)
                messages++;
            if (isIdle && isMine)
                break;
        }

        Reply();
        return messages;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Reply()
    {
        while (Libzmq.Receive(_shell, _buffer).More)
        {
            // The frames of one reply.
        }
    }

    private string Send(string code)
    {
        string id = $"direct_{_asked++}";
        byte[] header = Encoding.ASCII.GetBytes($$"""{"msg_id":"{{id}}","msg_type":"execute_request","username":"u","session":"direct","date":"2026-01-01T00:00:00Z","version":"5.3"}""");
        byte[] content = Encoding.ASCII.GetBytes($$"""{"code":"{{code}}","silent":false,"store_history":true,"user_expressions":{},"allow_stdin":true,"stop_on_error":true}""");
        byte[] none = "{}"u8.ToArray();
        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(_key, (byte[])[.. header, .. none, .. none, .. content]));
        byte[][] frames = ["<IDS|MSG>"u8.ToArray(), Encoding.ASCII.GetBytes(signature), header, none, none, content];
        for (int i = 0; i < frames.Length; i++)
            Libzmq.Send(_shell, frames[i], more: i + 1 < frames.Length);
        return id;
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Dispose();
        return ports;
    }
}
