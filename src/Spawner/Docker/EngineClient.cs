using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Spawner.Docker;

/// <summary>
/// HTTP to the engine over its Unix socket: version negotiated once and again when the engine was replaced, every request bounded in
/// time, every failure an <see cref="EngineException"/>. Knows no calls; those are in <see cref="EngineCalls"/>.
/// </summary>
internal sealed class EngineClient : IDisposable
{
    /// <summary>No answer that is read as a whole is longer; a list of a thousand kernels is about 2 MB.</summary>
    private const int MaxAnswerBytes = 32 << 20;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly HttpClient _http;
    private readonly EngineSocket _socket;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private Version? _version;

    public EngineClient(EngineSocket socket, TimeSpan timeout, TimeProvider time)
    {
        _socket = socket;
        _timeout = timeout;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await ConnectAsync(socket.Path, cancellationToken), ownsSocket: true),
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
        })
        {
            BaseAddress = new Uri("http://docker"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>Whether the engine takes new connections: one that is ending takes none, while those it has still work.</summary>
    public async Task<bool> TakesConnectionsAsync(CancellationToken cancellationToken)
    {
        try
        {
            (await ConnectAsync(_socket.Path, cancellationToken)).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>One call whose answer is read as JSON of type <typeparamref name="T"/>.</summary>
    /// <exception cref="EngineException">Refused, no answer in time, or no JSON.</exception>
    public async Task<T> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(method, path, body, cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    /// <summary>One call whose answer does not matter; statuses in <paramref name="alsoFine"/> count as success.</summary>
    /// <exception cref="EngineException">Refused, or no answer in time.</exception>
    public async Task TellAsync(HttpMethod method, string path, object? body, int[] alsoFine, CancellationToken cancellationToken)
    {
        try
        {
            (await SendAsync(method, path, body, cancellationToken)).Dispose();
        }
        catch (EngineException refused) when (alsoFine.Contains(refused.Status))
        {
            // Said by the caller to be as good as done.
        }
    }

    /// <summary>One call whose answer is read as it comes; only the head of the answer is bound by the time limit.</summary>
    /// <exception cref="EngineException">Refused, or no head in time.</exception>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, Func<HttpContent?> body, TimeSpan timeout, CancellationToken cancellationToken) =>
        await SendAsync(method, path, body, HttpCompletionOption.ResponseHeadersRead, timeout, cancellationToken);

    /// <summary>Turns what the transport throws into the engine's failure; for reading streams of <see cref="OpenAsync"/>.</summary>
    public static bool IsBroken(Exception failure) => failure is IOException or HttpRequestException or SocketException or JsonException;

    public void Dispose() => _http.Dispose();

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        SendAsync(method, path, () => body is null ? null : JsonContent.Create(body, body.GetType(), options: Json), HttpCompletionOption.ResponseContentRead, _timeout, cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent?> body, HttpCompletionOption completion, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_socket.Problem is not null) throw new EngineException(0, _socket.Problem);
        for (bool again = true; ; again = false)
        {
            Version version = _version ??= await NegotiateAsync(cancellationToken);
            string versioned = string.Create(CultureInfo.InvariantCulture, $"/v{version.Major}.{version.Minor}{path}");
            try
            {
                return await SendOnceAsync(method, versioned, body(), completion, timeout, cancellationToken);
            }
            catch (EngineException refused) when (again && refused.Status == 400 && refused.Message.Contains("client version", StringComparison.OrdinalIgnoreCase))
            {
                // The engine behind the socket was replaced by one that speaks other versions.
                _version = null;
            }
        }
    }

    private static async Task<Socket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<Version> NegotiateAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendOnceAsync(HttpMethod.Get, "/version", null, HttpCompletionOption.ResponseContentRead, _timeout, cancellationToken);
        JsonObject said = await ReadAsync<JsonObject>(answer, cancellationToken);
        (Version? speak, string? problem) = EngineVersionPolicy.Negotiate(TextOf(said, "ApiVersion"), TextOf(said, "MinAPIVersion"));
        return speak ?? throw new EngineException(0, problem!);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, string path, HttpContent? content, HttpCompletionOption completion, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(timeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using HttpRequestMessage request = new(method, path) { Content = content };
        try
        {
            HttpResponseMessage answer = await _http.SendAsync(request, completion, either.Token);
            if (answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.NotModified) return answer;
            using (answer)
            {
                string text = await answer.Content.ReadAsStringAsync(either.Token);
                throw new EngineException((int)answer.StatusCode, MessageOf(text, (int)answer.StatusCode));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineException(0, string.Create(CultureInfo.InvariantCulture, $"{_socket.Path} did not answer within {timeout.TotalSeconds} s (Docker:RequestTimeoutSeconds)"));
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw new EngineException(0, $"{_socket.Path} does not answer: {e.Message}", e);
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or HttpRequestException)
        {
            throw new EngineException(0, $"{_socket.Path} answers something that is not a Docker engine's: {e.Message}", e);
        }
    }

    /// <summary>Errors of the engine are <c>{"message": "…"}</c>.</summary>
    private static string MessageOf(string text, int status)
    {
        const int most = 2000;
        try
        {
            if (JsonNode.Parse(text) is JsonObject said && TextOf(said, "message") is { Length: > 0 } message) return message;
        }
        catch (JsonException)
        {
            // A proxy or something else speaks; its text is all there is.
        }
        return string.Create(CultureInfo.InvariantCulture, $"status {status}: {(text.Length > most ? text[..most] : text)}");
    }

    private static string? TextOf(JsonObject said, string name) => said[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
