using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Wire.Zmtp;

namespace Wire.Jupyter;

/// <summary>
/// The launcher's side of the kernel handshake (JEP 66; message protocol 5.6): a kernel that is given a registration file chooses its ports itself, so
/// that nobody races for them, and tells them here. One object serves any number of kernels.
/// </summary>
/// <remarks><code>
/// kernel, DEALER → us, ROUTER:  &lt;IDS|MSG&gt; | signature of content | content: {"kernel_id", "shell_port": "50160", …}
/// us → kernel:                  &lt;IDS|MSG&gt; | signature of content | content: ACK
/// </code>
/// So xeus-zmq does it, whose authors wrote the proposal; the proposal leaves the frames open. A registration is known by the key that signed it and by
/// nothing it says of itself: what fits no awaited kernel is dropped without an answer, counted by <see cref="Refused"/>. Keep the object for as long as
/// a kernel may be restarted, which registers again.
/// </remarks>
public sealed class KernelRegistration : IAsyncDisposable
{
    /// <summary>The longest registration.</summary>
    public const int MaxBytes = 4096;

    // A registration is tried with the key of every kernel that is awaited.
    private const int MaxAwaited = 1024;

    private static readonly ReadOnlyMemory<byte> Acknowledgement = "ACK"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> DelimiterFrame = ZmqMessageCodec.Delimiter.ToArray();

    private readonly ConcurrentDictionary<string, Awaited> _awaited = new();
    private readonly RouterSocket _socket;
    private long _refused;

    /// <param name="listenAt">An address kernels reach; port 0 takes any free one.</param>
    /// <param name="time">Clock of the socket.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use or not ours.</exception>
    public KernelRegistration(ZmtpEndpoint listenAt, TimeProvider time)
    {
        _socket = new RouterSocket(ZmtpOptions.Default with { MaxFrameBytes = MaxBytes, MaxMessageBytes = 2 * MaxBytes, MaxFramesPerMessage = 8 }, time);
        _socket.Start(RegisterAsync);
        Endpoint = _socket.Bind(listenAt);
    }

    /// <summary>Where kernels register.</summary>
    public ZmtpEndpoint Endpoint { get; }

    /// <summary>How many messages were no registration of an awaited kernel.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>
    /// Whether a kernelspec's <c>kernel_protocol_version</c> promises the handshake: 5.6 and later. The proposal says 5.5, but Python kernels
    /// that say 5.5 do not know it.
    /// </summary>
    public static bool IsSupportedBy(string? kernelProtocolVersion) =>
        Version.TryParse(kernelProtocolVersion, out var version) && version >= new Version(5, 6);

    /// <summary>The registration file, given to the kernel instead of a connection file, in the same argument.</summary>
    /// <param name="kernelId">Repeated by the kernel.</param>
    /// <param name="ip">The address the kernel is to listen at.</param>
    /// <param name="key">As of <see cref="AwaitAsync"/>.</param>
    public byte[] FileFor(string kernelId, string ip, string key)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kernel_id"u8, kernelId);
            json.WriteString("transport"u8, Endpoint.Scheme);
            json.WriteString("ip"u8, ip);
            json.WriteString("registration_ip"u8, Endpoint.Address);
            json.WriteString("registration_port"u8, Endpoint.Port.ToString(CultureInfo.InvariantCulture));
            json.WriteString("signature_scheme"u8, "hmac-sha256"u8);
            json.WriteString("key"u8, key);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Waits until the kernel has registered and was told so; call it before the kernel is started.</summary>
    /// <param name="ip">Where it was told to listen: what a kernel says of its address is not believed.</param>
    /// <param name="key">Its own key, shared with no other kernel and not empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The key is empty or awaited already.</exception>
    /// <exception cref="InvalidOperationException">Too many kernels are awaited at once.</exception>
    /// <exception cref="ObjectDisposedException">Disposed meanwhile.</exception>
    public async Task<ConnectionInfo> AwaitAsync(string ip, string key, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (_awaited.Count >= MaxAwaited)
            throw new InvalidOperationException($"{MaxAwaited} kernels are awaited already");
        using var awaited = new Awaited(ip, key);
        if (!_awaited.TryAdd(key, awaited))
            throw new ArgumentException("a kernel with this key is awaited already", nameof(key));
        try
        {
            return await awaited.Found.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _awaited.TryRemove(key, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        foreach (var awaited in _awaited.Values)
            awaited.Found.TrySetException(new ObjectDisposedException(nameof(KernelRegistration)));
    }

    private async ValueTask RegisterAsync(ZmtpMessage message)
    {
        if (message.Count == 3 && message[0].Span.SequenceEqual(ZmqMessageCodec.Delimiter)
            && _awaited.Values.FirstOrDefault(one => one.Signed(message)) is { } awaited
            && Read(message[2], awaited) is { } connection)
        {
            await _socket.SendAsync(message.Sender!.Identity, [DelimiterFrame, awaited.Sign(Acknowledgement), Acknowledgement], CancellationToken.None);
            awaited.Found.TrySetResult(connection);
            return;
        }

        Interlocked.Increment(ref _refused);
    }

    private static ConnectionInfo? Read(ReadOnlyMemory<byte> content, Awaited awaited)
    {
        try
        {
            var told = ConnectionInfo.Parse(content);
            var connection = new ConnectionInfo("tcp", awaited.Ip, told.ShellPort, told.ControlPort, told.IOPubPort, told.StdinPort, told.HeartbeatPort, awaited.Key);
            return Enum.GetValues<KernelChannel>().Select(connection.Port).Where(port => port > 0).Distinct().Count() == 5 ? connection : null;
        }
        catch (MessageFormatException)
        {
            return null;
        }
    }

    private sealed class Awaited(string ip, string key) : IDisposable
    {
        private readonly MessageSigner _signer = new(key);

        public string Ip { get; } = ip;

        public string Key { get; } = key;

        public TaskCompletionSource<ConnectionInfo> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Signed(ZmtpMessage message) => _signer.Verify(message[1].Span, message[2].Span);

        public byte[] Sign(ReadOnlyMemory<byte> content)
        {
            var signature = new byte[_signer.SignatureLength];
            _signer.Sign(content.Span, default, default, default, signature);
            return signature;
        }

        public void Dispose() => _signer.Dispose();
    }
}
