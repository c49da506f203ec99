using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Spawner.Tests.Docker;

/// <summary>Something that listens where an engine should and answers what the test says: for answers a healthy engine never gives.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;

    public FakeEngine()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"fake-{Guid.NewGuid():N}.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>Request lines in the order they came, such as <c>GET /version</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Status and body for a request line; null never answers.</summary>
    public Func<string, (int Status, string Body)?> Answer { get; set; } = _ => (404, """{"message":"page not found"}""");

    /// <summary>What a current engine says to <c>GET /version</c>.</summary>
    public static (int, string) Version(string api = "1.45", string min = "1.24") => (200, $$"""{"ApiVersion":"{{api}}","MinAPIVersion":"{{min}}"}""");

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        File.Delete(Path);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (; ; ) _ = ServeAsync(await _listener.AcceptAsync(_ending.Token));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using NetworkStream stream = new(socket, ownsSocket: true);
        try
        {
            byte[] buffer = new byte[64 * 1024];
            int read = await stream.ReadAsync(buffer, _ending.Token);
            string[] words = Encoding.UTF8.GetString(buffer, 0, read).Split(' ', 3);
            string asked = $"{words[0]} {words[1]}";
            Asked.Enqueue(asked);
            if (Answer(asked) is not { } answer)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _ending.Token);
                return;
            }
            byte[] body = Encoding.UTF8.GetBytes(answer.Body);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} X\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n")), _ending.Token);
            await stream.WriteAsync(body, _ending.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The asker went away.
        }
    }
}
