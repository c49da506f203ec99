using System.Diagnostics;
using System.Text.Json.Nodes;
using Testing;
using Wire.Zmtp;

namespace Wire.Tests.Zmtp.Interop;

/// <summary>A libzmq socket in a Python process (<c>peer.py</c>), told what to do line by line.</summary>
internal sealed class LibzmqPeer : IAsyncDisposable
{
    private readonly Process _process;

    public LibzmqPeer()
    {
        ProcessStartInfo start = new("/usr/bin/python3")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Zmtp", "Interop", "peer.py") },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
    }

    public async Task<JsonObject> Do(string what, JsonObject? with = null)
    {
        JsonObject command = with ?? [];
        command["do"] = what;
        await _process.StandardInput.WriteLineAsync(command.ToJsonString());
        await _process.StandardInput.FlushAsync();
        string answer = await Eventually.Comes(_process.StandardOutput.ReadLineAsync(), what)
            ?? throw new IOException($"the libzmq peer ended at '{what}'");
        JsonObject parsed = JsonNode.Parse(answer)!.AsObject();
        return parsed["error"] is { } error ? throw new IOException($"libzmq: {error}") : parsed;
    }

    public async Task<ZmtpEndpoint> Bind(string type, ZmtpEndpoint endpoint, JsonObject? with = null)
    {
        JsonObject command = with ?? [];
        command["type"] = type;
        command["bind"] = endpoint is { IsIpc: false, Port: 0 } ? "tcp://127.0.0.1:*" : endpoint.ToString();
        return ZmtpEndpoint.Parse((string)(await Do("open", command))["endpoint"]!);
    }

    public Task Connect(string type, ZmtpEndpoint endpoint, JsonObject? with = null)
    {
        JsonObject command = with ?? [];
        command["type"] = type;
        command["connect"] = endpoint.ToString();
        return Do("open", command);
    }

    public Task Send(params string[] frames) =>
        Do("send", new JsonObject { ["frames"] = new JsonArray([.. frames.Select(frame => (JsonNode)Convert.ToBase64String(SocketPairs.Bytes(frame).Span))]) });

    public async Task<string[]> Receive()
    {
        JsonObject answer = await Do("receive");
        return [.. answer["frames"]!.AsArray().Select(frame => new ReadOnlyMemory<byte>(Convert.FromBase64String((string)frame!)).Text())];
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await Eventually.Comes(_process.WaitForExitAsync());
        }
        finally
        {
            _process.Kill();
            _process.Dispose();
        }
    }
}
