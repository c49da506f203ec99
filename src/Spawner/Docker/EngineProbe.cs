using System.Net.Sockets;
using System.Text;

namespace Spawner.Docker;

/// <summary>One question to the engine before anything is built: do you answer?</summary>
public static class EngineProbe
{
    private const int TimeoutMilliseconds = 2000;

    /// <summary>Null when the engine answers, else what is wrong, as part of a sentence. Blocks for two seconds at most.</summary>
    public static string? Ask(DockerOptions options)
    {
        EngineSocket where = EngineSocket.Find(options);
        if (where.Problem is not null) return where.Problem;
        if (!File.Exists(where.Path)) return $"there is no socket at {where.Path}";
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.SendTimeout = TimeoutMilliseconds;
            socket.ReceiveTimeout = TimeoutMilliseconds;
            socket.Connect(new UnixDomainSocketEndPoint(where.Path));
            socket.Send("GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"u8);
            Span<byte> head = stackalloc byte[32];
            int read = socket.Receive(head);
            string line = Encoding.ASCII.GetString(head[..read]);
            return line.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) ? null : $"{where.Path} answers, but not as a Docker engine does";
        }
        catch (SocketException e)
        {
            return $"{where.Path}: {e.Message}";
        }
        catch (ArgumentException e)
        {
            return $"{where.Path}: {e.Message}";
        }
    }
}
